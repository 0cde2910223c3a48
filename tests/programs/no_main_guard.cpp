// SPDX-License-Identifier: MIT
// A main function without any guard: children that are fresh images of the program do not run it again.
#include "programs/program.hpp"

#include <cstdio>

int main(int, char** argv) {
    std::puts("main");
    cohort::Process p({.start_method = cohort::test::method_of(argv[1])}, [] { std::puts("123"); });
    p.start();
    p.join();
    return p.exitcode().value();
}
