// SPDX-License-Identifier: MIT
#include "os/threads.hpp"

#include "os/process_identity.hpp"

#include <sys/single_threaded.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdint>

namespace cohort::os {

namespace {

// Of which process, in the upper half, and how many.
std::atomic<std::uint64_t> quiet_threads{0};

std::uint32_t quiet_threads_here(std::uint64_t word) noexcept {
    return word >> 32 == static_cast<std::uint32_t>(current_pid()) ? static_cast<std::uint32_t>(word) : 0;
}

}  // namespace

void QuietThread::add(int threads) noexcept {
    const auto here = std::uint64_t{static_cast<std::uint32_t>(current_pid())} << 32;
    std::uint64_t word = quiet_threads.load(std::memory_order_relaxed);
    while (!quiet_threads.compare_exchange_weak(
        word, here | (quiet_threads_here(word) + static_cast<unsigned>(threads)), std::memory_order_relaxed)) {
    }
}

bool is_main_thread() noexcept {
    return current_tid() == current_pid();
}

[[gnu::hot]] bool has_other_threads() noexcept {
    if (__libc_single_threaded) return false;
    // The folder has a link for itself, one for its parent, and one for each thread.
    struct stat status {};
    const std::uint32_t quiet = quiet_threads_here(quiet_threads.load(std::memory_order_relaxed));
    return ::stat("/proc/self/task", &status) == 0 && status.st_nlink > 3 + quiet;
}

}  // namespace cohort::os
