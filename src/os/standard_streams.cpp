// SPDX-License-Identifier: MIT
#include "os/standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace cohort::os {

[[gnu::hot]] void point_stdin_at_null() noexcept {
    // Not close-on-exec: programs that the child starts read the end of file here, too.
    const int null = ::open("/dev/null", O_RDONLY);  // NOLINT(android-cloexec-open)
    if (null <= 0) return;
    ::dup2(null, STDIN_FILENO);
    ::close(null);
}

}  // namespace cohort::os
