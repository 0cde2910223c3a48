// SPDX-License-Identifier: MIT
#include "os/threads.hpp"

#include "os/process_identity.hpp"

#include <sys/single_threaded.h>
#include <sys/stat.h>

namespace cohort::os {

bool is_main_thread() noexcept {
    return current_tid() == current_pid();
}

[[gnu::hot]] bool has_other_threads() noexcept {
    if (__libc_single_threaded) return false;
    // The folder has a link for itself, one for its parent, and one for each thread.
    struct stat status {};
    return ::stat("/proc/self/task", &status) == 0 && status.st_nlink > 3;
}

}  // namespace cohort::os
