// SPDX-License-Identifier: MIT
// A copy that the program itself forks neither delays the end of the program nor touches the program's children.
#include "programs/program.hpp"

#include <sys/wait.h>

#include <cstdlib>

using cohort::test::say;

int main(int, char** argv) {
    cohort::Process p({.start_method = cohort::test::method_of(argv[1])}, [] {
        for (;;) ::pause();
    });
    p.start();

    const pid_t leaves = ::fork();
    if (leaves == 0) std::exit(5);  // its exit handlers find no child to join
    int status = 0;
    ::waitpid(leaves, &status, 0);
    say(WIFEXITED(status) && WEXITSTATUS(status) == 5 && p.is_alive() ? "child is untouched" : "child was ended");

    const pid_t stays = ::fork();
    if (stays == 0)
        for (;;) ::pause();
    say(std::to_string(stays));
    p.terminate();
    p.join();
    say(std::to_string(p.exitcode().value()));
    return 0;
}
