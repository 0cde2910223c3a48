// SPDX-License-Identifier: MIT
#include "os/direct_call.hpp"

#include "os/fault.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

namespace {

using namespace cohort::os;

TEST(DirectCall, gives_what_the_c_library_gives) {
    EXPECT_EQ(direct_call("getppid", SYS_getppid), ::getppid());
    const char path[] = "/dev/null";
    const long file = direct_call("openat", SYS_openat, AT_FDCWD, reinterpret_cast<long>(path), O_RDONLY);
    ASSERT_GE(file, 0);
    EXPECT_EQ(direct_call("close", SYS_close, file), 0);
}

TEST(DirectCall, sets_errno) {
    errno = 0;
    EXPECT_EQ(direct_call("close", SYS_close, -1), -1);
    EXPECT_EQ(errno, EBADF);
}

TEST(DirectCall, passes_the_seam_where_tests_make_calls_fail) {
    Fault fault("getppid", EPERM);
    EXPECT_EQ(direct_call("getppid", SYS_getppid), -1);
    EXPECT_EQ(errno, EPERM);
    EXPECT_EQ(direct_call("getppid", SYS_getppid), ::getppid());
}

}  // namespace
