// SPDX-License-Identifier: MIT
// A program that clears its environment before main, and has cohort's own variable in it later.
#include "programs/program.hpp"

#include <cstdio>
#include <cstdlib>

namespace {

const bool started_from_main = [] {
    const bool started = std::getenv("COHORT_TEST_STARTED") != nullptr;
    ::clearenv();
    return started;
}();

}  // namespace

int main(int, char** argv) {
    if (started_from_main) return 99;  // a child has reached main: no more of them
    std::puts("main");
    ::setenv("COHORT_TEST_STARTED", "1", 1);
    ::setenv("COHORT_CHILD", "5:0123456789abcdef", 1);
    cohort::Process p({.start_method = cohort::test::method_of(argv[1])}, [] { std::puts("123"); });
    p.start();
    p.join();
    return p.exitcode().value();
}
