// SPDX-License-Identifier: MIT
// Starts two children that wait, says so, and joins them: to be ended by Ctrl-C.
#include "programs/program.hpp"

int main(int, char** argv) {
    auto wait = [] {
        cohort::test::say("ready");
        for (;;) ::pause();
    };
    cohort::Process first({.start_method = cohort::test::method_of(argv[1])}, wait),
        second({.start_method = cohort::test::method_of(argv[1])}, wait);
    first.start();
    second.start();
    first.join();
    return 0;
}
