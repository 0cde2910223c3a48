// SPDX-License-Identifier: MIT
// Workers that wait for a debugger.
#include <cohort/cohort.hpp>

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

namespace {

// NOLINTBEGIN(concurrency-mt-unsafe): nobody changes the environment
// [stop]
void stop_for_debugger() {
    if (std::getenv("STOP_WORKERS") == nullptr) return;
    std::cerr << cohort::current_process().name() << " waits: gdb -p " << ::getpid() << '\n';
    std::raise(SIGSTOP);  // until the debugger, or kill -CONT, lets it go on
}

int work(int n) {
    return n + 1;
}

void debugged() {
    cohort::Pool pool({.processes = 1, .name = "resize"}, stop_for_debugger);
    std::cout << pool.apply(work, 41) << '\n';
}
// [/stop]
// NOLINTEND(concurrency-mt-unsafe)

// [inline]
// The same calls, all in this process: for a profiler, or a debugger that should see one process only.
void without_processes() {
    int sum = 0;
    for (const int n : cohort::range(3)) sum += work(n);
    std::cout << sum << '\n';
}
// [/inline]

}  // namespace

int main() {
    debugged();
    without_processes();
}
