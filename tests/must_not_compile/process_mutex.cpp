// SPDX-License-Identifier: MIT
// What belongs to one process is no argument, also where nothing is sent: a forked child would have a copy.
// expect: cohort: it belongs to one process: use cohort's Lock
// expect: mutex
#include <cohort/process/process.hpp>

#include <mutex>

#ifdef CURED
void work(int) {}
cohort::Process process(work, 1);
#else
void work(std::mutex&) {}
cohort::Process process(work, std::mutex());
#endif
