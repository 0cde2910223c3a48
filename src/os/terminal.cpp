// SPDX-License-Identifier: MIT
#include "os/terminal.hpp"

#include "os/system_call.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace cohort::os {

bool is_terminal(int descriptor) noexcept {
    return system_call("isatty", [&] { return ::isatty(descriptor) == 1 ? 1 : -1; }) == 1;
}

std::optional<unsigned> terminal_width(int descriptor) noexcept {
    winsize size{};
    if (system_call("ioctl(TIOCGWINSZ)", [&] { return ::ioctl(descriptor, TIOCGWINSZ, &size); }) != 0) return {};
    if (size.ws_col == 0) return {};
    return size.ws_col;
}

}  // namespace cohort::os
