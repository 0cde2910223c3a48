// SPDX-License-Identifier: MIT
// A program that overwrites its arguments, renames itself and leaves its folder still starts its children.
#include "programs/program.hpp"

#include <sys/prctl.h>

#include <cstring>

int main(int argc, char** argv) {
    const auto method = cohort::test::method_of(argv[1]);
    for (int i = 0; i < argc; ++i) std::memset(argv[i], 'x', std::strlen(argv[i]));
    argv[1] = nullptr;
    ::prctl(PR_SET_NAME, "renamed");
    if (::chdir("/") != 0) return 1;
    cohort::Process p({.start_method = method}, [] { cohort::test::say("child"); });
    p.start();
    p.join();
    return p.exitcode().value();
}
