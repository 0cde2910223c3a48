// SPDX-License-Identifier: MIT
// A queue is no list of things to wait for: its items would be taken.
// expect: no matching function for call to
#include <cohort/channel/queue.hpp>
#include <cohort/channel/wait.hpp>

void wait(const cohort::Queue<int>& queue) {
#ifdef CURED
    cohort::wait({queue});
#else
    cohort::wait(queue);
#endif
}
