// SPDX-License-Identifier: MIT
// A daemon that ignores SIGTERM is killed at exit. Prints the daemon's pid.
#include "programs/program.hpp"

#include <csignal>

int main(int, char** argv) {
    using cohort::test::say;
    int ready[2];
    if (::pipe(ready) != 0) return 1;
    cohort::Process daemon({.daemon = true, .start_method = cohort::test::method_of(argv[1])}, [] {
        std::signal(SIGTERM, SIG_IGN);
        say(std::to_string(::getpid()));
        for (;;) ::pause();
    });
    daemon.start();
    return 0;
}
