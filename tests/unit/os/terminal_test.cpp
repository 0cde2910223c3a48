// SPDX-License-Identifier: MIT
#include "os/terminal.hpp"

#include "os/file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>

#include <cstdlib>

namespace {

using namespace cohort::os;
using cohort::Descriptor;

TEST(Terminal, has_a_width) {
    Descriptor master = open_file("/dev/ptmx", O_RDWR | O_NOCTTY);
    ASSERT_EQ(::unlockpt(master.get()), 0);
    Descriptor terminal = open_file(::ptsname(master.get()), O_RDWR | O_NOCTTY);
    EXPECT_TRUE(is_terminal(terminal.get()));
    EXPECT_EQ(terminal_width(terminal.get()), std::nullopt);
    winsize size{24, 132, 0, 0};
    ASSERT_EQ(::ioctl(terminal.get(), TIOCSWINSZ, &size), 0);
    EXPECT_EQ(terminal_width(terminal.get()), 132U);
}

TEST(Terminal, a_file_is_none) {
    Descriptor file = open_file("/dev/null", O_RDONLY);
    EXPECT_FALSE(is_terminal(file.get()));
    EXPECT_EQ(terminal_width(file.get()), std::nullopt);
}

}  // namespace
