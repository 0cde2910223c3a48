// SPDX-License-Identifier: MIT
#include "support/subreaper.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>

namespace cohort::test {

namespace {

using Clock = std::chrono::steady_clock;

timespec to_timespec(Clock::duration duration) {
    const auto nanoseconds = std::max<std::int64_t>(std::chrono::nanoseconds(duration).count(), 0);
    return {nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
}

}  // namespace

void become_subreaper() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

bool all_descendants_end(Clock::duration limit) {
    const auto until = Clock::now() + limit;
    sigset_t child, before;
    ::sigemptyset(&child);
    ::sigaddset(&child, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &child, &before);
    bool ended = false;
    for (bool in_time = true; in_time && !ended;) {
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        ended = ::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD;
        const timespec left = to_timespec(until - Clock::now());
        in_time = Clock::now() < until;
        if (!ended) ::sigtimedwait(&child, nullptr, &left);
    }
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    return ended;
}

}  // namespace cohort::test
