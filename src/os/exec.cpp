// SPDX-License-Identifier: MIT
#include "os/exec.hpp"

#include "os/exec_child.hpp"
#include "os/file.hpp"
#include "os/process_identity.hpp"
#include "os/signals.hpp"
#include "os/system_call.hpp"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>

namespace cohort::os {

namespace {

constexpr std::size_t kStackBytes = std::size_t{32} * 1024;
constexpr std::size_t kKernelSetBytes = 8;

/// Pointers to the lines, as exec wants them; the lines stay the caller's.
std::vector<char*> pointers(const std::vector<std::string>& lines) {
    std::vector<char*> list;
    list.reserve(lines.size() + 1);
    for (const std::string& line : lines) list.push_back(const_cast<char*>(line.c_str()));
    list.push_back(nullptr);
    return list;
}

/// Blocks all signals, glibc's own too: none may be handled on the child's side, in this memory.
class AllSignalsBlocked {
public:
    AllSignalsBlocked() noexcept {
        sigset_t all;
        sigfillset(&all);
        set(&all, &before_);
    }
    ~AllSignalsBlocked() { set(&before_, nullptr); }
    AllSignalsBlocked(const AllSignalsBlocked&) = delete;
    AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

    const sigset_t& before() const noexcept { return before_; }

private:
    static void set(const sigset_t* now, sigset_t* before) noexcept {
        ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, now, before, kKernelSetBytes);
    }
    sigset_t before_{};
};

/// Runs exec_child; the child's number, or -1. Not inlined, since the child's stack stands in this frame.
__attribute__((noinline)) pid_t clone_borrowing_memory(ExecRequest& request, int& pidfd) noexcept {
    alignas(64) std::byte stack[kStackBytes];
    return system_call("clone", [&] {
        return ::clone(exec_child, stack + kStackBytes, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &request,
                       &pidfd);
    });
}

/// Before Linux 5.2 clone ignores that a handle is asked for.
[[noreturn]] void end_without_handle(pid_t child) {
    send_signal(child, SIGKILL);
    wait_for_child(child);
    throw_error(ENOSYS, "clone(CLONE_PIDFD)");
}

std::string object_text(const Program& program) {
    return program.path.empty() ? descriptor_text(program.file) : "'" + program.path + "'";
}

}  // namespace

Started start_program(const Program& program) {
    std::vector<char*> arguments = pointers(program.arguments);
    std::vector<char*> environment;
    if (program.environment) environment = pointers(*program.environment);
    std::vector<PassedDescriptor> descriptors = program.descriptors;
    ExecRequest request{.path = program.path.c_str(),
                        .file = program.file,
                        .arguments = arguments.data(),
                        .environment = program.environment ? environment.data() : environ,
                        .descriptors = descriptors,
                        .parent_death_signal = program.parent_death_signal,
                        .parent = current_pid()};
    int pidfd = -1;
    pid_t pid = -1;
    {
        AllSignalsBlocked blocked;
        request.mask = &blocked.before();
        pid = clone_borrowing_memory(request, pidfd);
    }
    if (pid < 0) throw_error(errno, "clone", object_text(program));
    if (pidfd < 0) end_without_handle(pid);
    Started started{pid, Pidfd(above_standard_streams(Descriptor(pidfd)))};
    if (request.failed_step) {
        started.process.wait(forever);
        throw_error(request.error, request.failed_step, object_text(program));
    }
    return started;
}

}  // namespace cohort::os
