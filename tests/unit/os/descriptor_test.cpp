// SPDX-License-Identifier: MIT
#include <cohort/os/descriptor.hpp>

#include "os/fault.hpp"
#include "os/file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <type_traits>

namespace {

using cohort::Descriptor;
namespace os = cohort::os;

static_assert(!std::is_copy_constructible_v<Descriptor> && std::is_nothrow_move_constructible_v<Descriptor>);

Descriptor open_null() {
    return os::open_file("/dev/null", O_RDWR);
}

TEST(Descriptor, closes_what_it_owns) {
    int number = -1;
    {
        Descriptor null = open_null();
        number = null.get();
        EXPECT_TRUE(os::is_open(number));
    }
    EXPECT_FALSE(os::is_open(number));
}

TEST(Descriptor, owns_nothing_after_a_move_or_a_release) {
    Descriptor first = open_null();
    int number = first.get();
    Descriptor second = std::move(first);
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): what a move leaves is what is tested
    EXPECT_EQ(second.get(), number);
    Descriptor& same = second;
    second = std::move(same);
    EXPECT_EQ(second.release(), number);
    EXPECT_FALSE(second);
    EXPECT_TRUE(os::is_open(number));
    Descriptor(number).reset();
    EXPECT_FALSE(os::is_open(number));
}

TEST(Descriptor, a_negative_number_is_nothing) {
    EXPECT_FALSE(Descriptor(-7));
    EXPECT_EQ(Descriptor(-7).get(), -1);
}

TEST(Descriptor, closing_keeps_errno_and_is_not_repeated) {
    Descriptor null = open_null();
    os::Fault fault("close", EINTR);
    int number = null.get();
    errno = ENOENT;
    null.reset();
    EXPECT_EQ(errno, ENOENT);
    EXPECT_EQ(fault.calls(), 1);
    Descriptor again(number);  // the fault stood in for a close that had done its work
}

TEST(Descriptor, whatever_is_opened_is_closed_on_exec) {
    Descriptor null = open_null();
    Descriptor copy = os::duplicate(null.get());
    EXPECT_NE(copy.get(), null.get());
    EXPECT_EQ(::fcntl(null.get(), F_GETFD), FD_CLOEXEC);
    EXPECT_EQ(::fcntl(copy.get(), F_GETFD), FD_CLOEXEC);
}

}  // namespace
