// SPDX-License-Identifier: MIT
#include "os/death_signal.hpp"

#include "os/direct_call.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace cohort::os {

namespace {

pid_t watched_parent = 0;

// Async-signal-safe: reads one word that is set before the handler is installed.
void die_if_orphaned(int) {
    if (::getppid() != watched_parent) ::kill(::getpid(), SIGKILL);
}

int install_orphan_handler(pid_t parent) {
    watched_parent = parent;
    const int number = SIGRTMAX - 1;
    struct sigaction action {};
    action.sa_handler = die_if_orphaned;
    action.sa_flags = SA_RESTART;
    ::sigaction(number, &action, nullptr);
    return number;
}

}  // namespace

[[gnu::hot]] void die_with_parent(pid_t parent, bool by_main_thread) {
    const int number = by_main_thread ? SIGKILL : install_orphan_handler(parent);
    if (direct_call("prctl", SYS_prctl, PR_SET_PDEATHSIG, number) != 0)
        throw std::system_error(errno, std::generic_category(), "prctl(PR_SET_PDEATHSIG)");
    if (direct_call("getppid", SYS_getppid) != parent) ::kill(::getpid(), SIGKILL);
}

}  // namespace cohort::os
