// SPDX-License-Identifier: MIT
// The code that runs between clone(CLONE_VM | CLONE_VFORK) and exec, in the memory of the parent: raw system calls
// only, so that no lock, no lazy binding and no sanitizer's interceptor of the parent is touched.
#include "os/exec_child.hpp"

#include "os/system_call.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace cohort::os {

namespace {

constexpr int kExitCode = 127;  // as a shell's for a command that cannot be executed
constexpr unsigned kFirstClosed = 3;
constexpr std::size_t kKernelSetBytes = 8;
constexpr int kSignals = 64;

bool fail(ExecRequest& request, const char* name, int error, const char* object = nullptr) noexcept {
    *request.answer = {.step = name, .object = object, .error = error};
    return false;
}

/// Notes the step that fails. True if it did not.
template <class... Arguments>
bool step(ExecRequest& request, const char* name, long number, Arguments... arguments) noexcept {
    if (uninterrupted(name, [&] { return ::syscall(number, arguments...); }) != -1) return true;
    return fail(request, name, errno);
}

bool is_write_signal(int signal) noexcept {
    return signal == SIGPIPE || signal == SIGXFSZ;
}

/// A handler is code of the parent: it must not run in its memory when the mask is opened below.
bool reset_handlers(ExecRequest& request) noexcept {
    struct KernelAction {
        void (*handler)(int);
        unsigned long rest[3];
    };
    for (int signal = 1; signal <= kSignals; ++signal) {
        if (signal == SIGKILL || signal == SIGSTOP) continue;
        KernelAction action{};
        if (!step(request, "rt_sigaction", SYS_rt_sigaction, signal, nullptr, &action, kKernelSetBytes)) return false;
        const bool stays_ignored = !request.program->default_write_signals || !is_write_signal(signal);
        if (action.handler == SIG_DFL || (action.handler == SIG_IGN && stays_ignored)) continue;
        action = {};
        if (!step(request, "rt_sigaction", SYS_rt_sigaction, signal, &action, nullptr, kKernelSetBytes)) return false;
    }
    return true;
}

bool die_with_parent(ExecRequest& request) noexcept {
    const int signal = request.program->parent_death_signal;
    if (signal == 0) return true;
    if (!step(request, "prctl(PR_SET_PDEATHSIG)", SYS_prctl, PR_SET_PDEATHSIG, signal, 0, 0, 0)) return false;
    // The parent may have been killed before the kernel knew that its death is to be told.
    return ::syscall(SYS_getppid) == request.parent || fail(request, "getppid", ESRCH);
}

/// The number that a name in /proc/self/fd stands for; -1 for `.` and `..`.
int number_of(const char* name) noexcept {
    int number = 0;
    for (; *name; ++name) {
        if (*name < '0' || *name > '9') return -1;
        number = number * 10 + (*name - '0');
    }
    return number;
}

bool close_on_exec_listed(ExecRequest& request, const char* entries, long bytes) noexcept {
    for (long at = 0; at < bytes;) {
        const auto* entry = reinterpret_cast<const dirent64*>(entries + at);
        int number = number_of(entry->d_name);
        if (number >= static_cast<int>(kFirstClosed) &&
            !step(request, "fcntl(F_SETFD)", SYS_fcntl, number, F_SETFD, FD_CLOEXEC))
            return false;
        at += entry->d_reclen;
    }
    return true;
}

bool close_on_exec_one_by_one(ExecRequest& request) noexcept {
    constexpr const char* kOpen = "open '/proc/self/fd'";
    const long folder = uninterrupted(
        kOpen, [] { return ::syscall(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
    if (folder < 0) return fail(request, kOpen, errno);
    alignas(dirent64) char entries[2048];
    for (;;) {
        const long bytes =
            uninterrupted("getdents64", [&] { return ::syscall(SYS_getdents64, folder, entries, sizeof entries); });
        if (bytes <= 0) return bytes == 0 || fail(request, "getdents64", errno);
        if (!close_on_exec_listed(request, entries, bytes)) return false;
    }
}

bool close_all_on_exec(ExecRequest& request) noexcept {
    if (request.program->inherits_descriptors) return true;
    if (step(request, "close_range", SYS_close_range, kFirstClosed, ~0U, CLOSE_RANGE_CLOEXEC)) return true;
    *request.answer = {};  // before Linux 5.11, or not allowed
    return close_on_exec_one_by_one(request);
}

/// Copies sources that are somebody's destination to numbers above all destinations.
bool move_out_of_the_way(ExecRequest& request) noexcept {
    int above = static_cast<int>(kFirstClosed);
    for (const PassedDescriptor& passed : request.descriptors)
        if (passed.from != passed.to && passed.to >= above) above = passed.to + 1;
    for (PassedDescriptor& passed : request.descriptors) {
        if (passed.from == passed.to || passed.from >= above) continue;
        long moved = uninterrupted("fcntl(F_DUPFD_CLOEXEC)",
                                   [&] { return ::syscall(SYS_fcntl, passed.from, F_DUPFD_CLOEXEC, above); });
        if (moved < 0) return fail(request, "fcntl(F_DUPFD_CLOEXEC)", errno);
        passed.from = static_cast<int>(moved);
    }
    return true;
}

bool pass_descriptors(ExecRequest& request) noexcept {
    if (!close_all_on_exec(request) || !move_out_of_the_way(request)) return false;
    for (const PassedDescriptor& passed : request.descriptors) {
        bool stays = passed.from == passed.to;
        bool done = stays ? step(request, "fcntl(F_SETFD)", SYS_fcntl, passed.to, F_SETFD, 0)
                          : step(request, "dup3", SYS_dup3, passed.from, passed.to, 0);
        if (!done) return false;
    }
    return true;
}

bool enter_folder(ExecRequest& request) noexcept {
    const char* folder = request.program->folder.c_str();
    if (*folder == '\0') return true;
    return step(request, "chdir", SYS_chdir, folder) || fail(request, "chdir", errno, folder);
}

bool change_surroundings(ExecRequest& request) noexcept {
    const Program& program = *request.program;
    if (!enter_folder(request)) return false;
    if (program.umask && !step(request, "umask", SYS_umask, *program.umask)) return false;
    if (program.own_session && !step(request, "setsid", SYS_setsid)) return false;
    if (program.process_group && !step(request, "setpgid", SYS_setpgid, 0, *program.process_group)) return false;
    for (const KernelLimit& limit : request.limits)
        if (!step(request, "prlimit64", SYS_prlimit64, 0, limit.resource, &limit.values, nullptr)) return false;
    return true;
}

/// The groups first: afterwards it would not be allowed.
bool change_user(ExecRequest& request) noexcept {
    const Program& program = *request.program;
    if (program.groups && !step(request, "setgroups", SYS_setgroups, program.groups->size(), program.groups->data()))
        return false;
    if (program.group && !step(request, "setregid", SYS_setregid, *program.group, *program.group)) return false;
    return !program.user || step(request, "setreuid", SYS_setreuid, *program.user, *program.user);
}

/// As execvp does: the files that are not there are passed over, and of the other errors the first counts.
void execute_first(ExecRequest& request) noexcept {
    int first_error = 0;
    for (const char* const* path = request.paths; *path; ++path) {
        *request.answer = {};  // if this one can be executed, nothing has failed
        step(request, "execve", SYS_execve, *path, request.arguments, request.environment);
        const int error = request.answer->error;
        if (!first_error && error != ENOENT && error != ENOTDIR) first_error = error;
    }
    if (first_error) request.answer->error = first_error;
}

void execute(ExecRequest& request) noexcept {
    if (request.file < 0) return execute_first(request);
    step(request, "execveat", SYS_execveat, request.file, "", request.arguments, request.environment, AT_EMPTY_PATH);
}

}  // namespace

int exec_child(void* argument) noexcept {
    auto& request = *static_cast<ExecRequest*>(argument);
    // The death signal after the change of the user, which clears it.
    if (reset_handlers(request) && pass_descriptors(request) && change_surroundings(request) && change_user(request) &&
        die_with_parent(request) &&
        step(request, "rt_sigprocmask", SYS_rt_sigprocmask, SIG_SETMASK, &request.mask, nullptr, kKernelSetBytes))
        execute(request);
    return kExitCode;
}

}  // namespace cohort::os
