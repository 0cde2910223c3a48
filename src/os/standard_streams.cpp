// SPDX-License-Identifier: MIT
#include "os/standard_streams.hpp"

#include "os/direct_call.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace cohort::os {

[[gnu::hot]] void point_stdin_at_null() noexcept {
    // Not close-on-exec: programs that the child starts read the end of file here, too.
    const char path[] = "/dev/null";  // on the stack, which the child has already
    const long null = direct_call("openat", SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), O_RDONLY);
    if (null <= 0) return;
    direct_call("dup3", SYS_dup3, null, STDIN_FILENO);
    direct_call("close", SYS_close, null);
}

}  // namespace cohort::os
