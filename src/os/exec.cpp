// SPDX-License-Identifier: MIT
#include "os/exec.hpp"

#include "os/affinity.hpp"
#include "os/exec_child.hpp"
#include "os/file.hpp"
#include "os/mapping.hpp"
#include "os/permanent_thread.hpp"
#include "os/process_identity.hpp"
#include "os/signals.hpp"
#include "os/system_call.hpp"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <new>
#include <utility>

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
/// @param memory CLONE_VM, or 0: the child has a copy
__attribute__((noinline)) pid_t clone_child(ExecRequest& request, int memory, int& pidfd) noexcept {
    alignas(64) std::byte stack[kStackBytes];
    return system_call("clone", [&] {
        return ::clone(exec_child, stack + kStackBytes, memory | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &request, &pidfd);
    });
}

/// Before Linux 5.2 clone ignores that a handle is asked for.
[[noreturn]] void end_without_handle(pid_t child) {
    send_signal(child, SIGKILL);
    wait_for_child(child);
    throw_error(ENOSYS, "clone(CLONE_PIDFD)");
}

std::string object_text(const Program& program) {
    return program.path.empty() && program.file >= 0 ? descriptor_text(program.file) : "'" + program.path + "'";
}

std::vector<const char*> paths_of(const Program& program) {
    std::vector<const char*> paths;
    for (const std::string& candidate : program.candidates) paths.push_back(candidate.c_str());
    if (paths.empty()) paths.push_back(program.path.c_str());
    paths.push_back(nullptr);
    return paths;
}

std::vector<KernelLimit> limits_of(const Program& program) {
    std::vector<KernelLimit> limits;
    for (const auto& [resource, limit] : program.limits)
        limits.push_back({resource, {limit.soft.value_or(RLIM_INFINITY), limit.hard.value_or(RLIM_INFINITY)}});
    return limits;
}

/// The words in which the child answers: here, or where a child with a copy of the memory can write them.
class AnswerPlace {
public:
    explicit AnswerPlace(bool shares_memory) {
        if (shares_memory) return;
        shared_ = Mapping::map_anonymous_shared(sizeof(ExecAnswer));
        answer_ = new (shared_.data()) ExecAnswer();
    }
    AnswerPlace(const AnswerPlace&) = delete;
    AnswerPlace& operator=(const AnswerPlace&) = delete;

    ExecAnswer& get() noexcept { return *answer_; }

private:
    Mapping shared_{};
    ExecAnswer here_{};
    ExecAnswer* answer_ = &here_;
};

struct Cloned {
    pid_t pid = -1;
    int pidfd = -1;
    int error = 0;
};

Cloned clone_with_signals_blocked(ExecRequest& request, int memory) {
    Cloned cloned;
    const AllSignalsBlocked blocked;
    request.mask = blocked.before();
    auto clone = [&] {
        cloned.pid = clone_child(request, memory, cloned.pidfd);
        cloned.error = errno;
    };
    if (request.program->parent_death_signal == 0) {
        clone();
        return cloned;
    }
    // The kernel sends a death signal at the end of the thread that made the child, and the child has the processors of
    // that thread.
    const ProcessorSet processors;
    on_permanent_thread([&] {
        processors.bind();
        clone();
    });
    return cloned;
}

/// The program does not go on when its handle cannot be kept.
Pidfd kept(Pidfd process, pid_t pid) {
    try {
        return Pidfd(above_standard_streams(process.release()));
    } catch (...) {
        send_signal(pid, SIGKILL);
        wait_for_child(pid);
        throw;
    }
}

[[noreturn]] void throw_answer(const ExecAnswer& answer, const Program& program) {
    throw_error(answer.error, answer.step,
                answer.object ? "'" + std::string(answer.object) + "'" : object_text(program));
}

}  // namespace

Started start_program(const Program& program) {
    std::vector<char*> arguments = pointers(program.arguments);
    std::vector<char*> environment;
    if (program.environment) environment = pointers(*program.environment);
    std::vector<PassedDescriptor> descriptors = program.descriptors;
    const std::vector<const char*> paths = paths_of(program);
    const std::vector<KernelLimit> limits = limits_of(program);
    const bool shares_memory = !program.user && !program.group && !program.groups;
    AnswerPlace answer(shares_memory);
    ExecRequest request{.paths = paths.data(),
                        .file = program.file,
                        .arguments = arguments.data(),
                        .environment = program.environment ? environment.data() : environ,
                        .descriptors = descriptors,
                        .parent = current_pid(),
                        .program = &program,
                        .limits = limits,
                        .answer = &answer.get()};
    const Cloned cloned = clone_with_signals_blocked(request, shares_memory ? CLONE_VM : 0);
    if (cloned.pid < 0) throw_error(cloned.error, "clone", object_text(program));
    if (cloned.pidfd < 0) end_without_handle(cloned.pid);
    Pidfd process{Descriptor(cloned.pidfd)};
    if (answer.get().step) {
        process.wait_and_reap();  // unless it was reaped by another part of the program
        throw_answer(answer.get(), program);
    }
    return {cloned.pid, kept(std::move(process), cloned.pid)};
}

}  // namespace cohort::os
