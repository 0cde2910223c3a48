// SPDX-License-Identifier: MIT
// How a process ended: 0, what it gave to std::exit, 1 for an exception, or minus the number of the signal.

// NOLINTBEGIN(concurrency-mt-unsafe): the children have one thread
// [program]
#include <cohort/cohort.hpp>

#include <csignal>
#include <cstdlib>
#include <iostream>

namespace {

template <class Target>
void show(const char* what, Target target) {
    cohort::Process child(target);
    child.start();
    child.join();
    std::cout << what << ": " << *child.exitcode() << '\n';
}

}  // namespace

int main() {
    show("returns", [] {});
    show("exits with 3", [] { std::exit(3); });
    show("throws", [] { throw 7; });
    show("gets SIGKILL", [] { std::raise(SIGKILL); });
}
// [/program]
// NOLINTEND(concurrency-mt-unsafe)
