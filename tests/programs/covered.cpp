// SPDX-License-Identifier: MIT
// Built with coverage counters. Only the child ends in a way that writes them.
#include "programs/program.hpp"

int main(int, char** argv) {
    cohort::Process p({.start_method = cohort::test::method_of(argv[1])}, [] { cohort::test::say("counted"); });
    p.start();
    p.join();
    ::_exit(p.exitcode().value());
}
