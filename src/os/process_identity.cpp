// SPDX-License-Identifier: MIT
#include "os/process_identity.hpp"

#include "os/system_call.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>

namespace cohort::os {

namespace {

using PidCell = std::atomic<pid_t>;

/// A word that the kernel clears in every child, whichever way it was forked; null where there is no such memory.
PidCell* forked_clean_cell() noexcept {
    constexpr std::size_t size = sizeof(PidCell);  // the kernel makes a page of it
    void* page = system_call(
        "mmap", [] { return ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); });
    if (page == MAP_FAILED) return nullptr;
    if (system_call("madvise(MADV_WIPEONFORK)", [&] { return ::madvise(page, size, MADV_WIPEONFORK); }) == 0)
        return static_cast<PidCell*>(page);
    system_call("munmap", [&] { return ::munmap(page, size); });
    return nullptr;
}

PidCell* pid_cell() noexcept {
    static PidCell* const cell = forked_clean_cell();
    return cell;
}

}  // namespace

[[gnu::hot]] pid_t current_pid() noexcept {
    PidCell* const cell = pid_cell();
    if (!cell) return read_pid();
    pid_t pid = cell->load(std::memory_order_relaxed);
    if (pid == 0) {
        pid = read_pid();
        cell->store(pid, std::memory_order_relaxed);
    }
    return pid;
}

[[gnu::hot]] pid_t read_pid() noexcept {
    return system_call("getpid", [] { return ::getpid(); });
}

pid_t current_tid() noexcept {
    return system_call("gettid", [] { return ::gettid(); });
}

void name_process(const std::string& name) noexcept {
    system_call("prctl(PR_SET_NAME)", [&] { return ::prctl(PR_SET_NAME, name.c_str()); });
}

pid_t parent_pid() noexcept {
    return system_call("getppid", [] { return ::getppid(); });
}

}  // namespace cohort::os
