// SPDX-License-Identifier: MIT
#include "os/death_signal.hpp"

#include "os/direct_call.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace cohort::os {

[[gnu::hot]] void die_with_parent(pid_t parent, bool by_main_thread) {
    if (by_main_thread && direct_call("prctl", SYS_prctl, PR_SET_PDEATHSIG, SIGKILL) != 0)
        throw std::system_error(errno, std::generic_category(), "prctl(PR_SET_PDEATHSIG)");
    if (direct_call("getppid", SYS_getppid) != parent) ::kill(::getpid(), SIGKILL);
}

}  // namespace cohort::os
