// SPDX-License-Identifier: MIT
// At exit daemons are ended, then the others joined, then static objects destroyed.
#include "programs/program.hpp"

#include <csignal>
#include <cstdlib>

using cohort::test::say;

namespace {

struct Static {
    ~Static() { say("static destroyed"); }
};
Static object;

int pipe_of_daemon[2];

[[noreturn]] void run_daemon(int ready) {
    ::close(pipe_of_daemon[0]);
    std::signal(SIGTERM, [](int) {
        say("daemon ended");
        std::_Exit(0);
    });
    say("daemon ready");
    if (::write(ready, "r", 1) != 1) std::_Exit(1);
    for (;;) ::pause();
}

/// Ends when the daemon has: then nobody has the writing end any more.
void run_until_the_daemon_has_ended() {
    ::close(pipe_of_daemon[1]);
    char c = 0;
    while (::read(pipe_of_daemon[0], &c, 1) > 0) {
    }
    say("child ended");
}

}  // namespace

int main() {
    using cohort::Process, cohort::StartMethod;
    if (::pipe(pipe_of_daemon) != 0) return 1;
    int ready[2];
    if (::pipe(ready) != 0) return 1;
    Process({.daemon = false, .start_method = StartMethod::fork}, run_until_the_daemon_has_ended).start();
    Process daemon({.daemon = true, .start_method = StartMethod::fork}, [&ready] { run_daemon(ready[1]); });
    daemon.start();
    ::close(pipe_of_daemon[0]);
    ::close(pipe_of_daemon[1]);
    char c = 0;
    if (::read(ready[0], &c, 1) != 1) return 1;
    say("main ends");
    return 3;
}
