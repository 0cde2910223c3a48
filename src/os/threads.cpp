// SPDX-License-Identifier: MIT
#include "os/threads.hpp"

#include "os/process_identity.hpp"

#include <sys/single_threaded.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <atomic>

namespace cohort::os {

namespace {

std::atomic<pid_t> quiet_in{0};  // whose threads the next one counts
std::atomic<unsigned> quiet_threads{0};

}  // namespace

void QuietThread::add(int threads) noexcept {
    if (quiet_in.exchange(current_pid()) != current_pid()) quiet_threads = 0;
    quiet_threads += static_cast<unsigned>(threads);
}

bool is_main_thread() noexcept {
    return current_tid() == current_pid();
}

[[gnu::hot]] bool has_other_threads() noexcept {
    if (__libc_single_threaded) return false;
    // The folder has a link for itself, one for its parent, and one for each thread.
    struct stat status {};
    const unsigned quiet = quiet_in.load() == current_pid() ? quiet_threads.load() : 0;
    return ::stat("/proc/self/task", &status) == 0 && status.st_nlink > 3 + quiet;
}

}  // namespace cohort::os
