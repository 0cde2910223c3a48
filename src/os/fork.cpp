// SPDX-License-Identifier: MIT
#include "os/fork.hpp"

#include "os/process_identity.hpp"
#include "os/system_call.hpp"

#include <pthread.h>
#include <unistd.h>
#include <csignal>
#include <new>

namespace cohort::os {

namespace {

Pidfd handle_or_kill(pid_t child) {
    try {
        return Pidfd::open(child);
    } catch (...) {
        system_call("kill", [&] { return ::kill(child, SIGKILL); });
        wait_for_child(child);
        throw;
    }
}

// While SIGCHLD is ignored, the kernel reaps a child that ends before its handle is opened: nobody would know it then.
class ChildrenKept {
public:
    ChildrenKept() noexcept {
        ::sigaction(SIGCHLD, nullptr, &before_);
        if (!reaps_by_itself()) return;
        struct sigaction keeps {};
        keeps.sa_handler = SIG_DFL;
        ::sigaction(SIGCHLD, &keeps, nullptr);
    }
    ~ChildrenKept() {
        if (reaps_by_itself()) ::sigaction(SIGCHLD, &before_, nullptr);
    }
    ChildrenKept(const ChildrenKept&) = delete;
    ChildrenKept& operator=(const ChildrenKept&) = delete;

private:
    bool reaps_by_itself() const noexcept {
        return before_.sa_handler == SIG_IGN || (before_.sa_flags & SA_NOCLDWAIT) != 0;
    }
    struct sigaction before_ {};
};

}  // namespace

[[gnu::hot]] Forked fork_process() {
    Pidfd::open(current_pid());  // fails here, where nothing has to be taken back
    const ChildrenKept kept;     // in the child, too, what was ignored is ignored again
    pid_t pid = system_call("fork", [] { return ::fork(); });
    if (pid < 0) throw_error(errno, "fork");
    if (pid == 0) return {};
    return {pid, handle_or_kill(pid)};
}

void call_around_forks(void (*before)(), void (*after)()) {
    if (::pthread_atfork(before, after, after) != 0) throw std::bad_alloc();
}

}  // namespace cohort::os
