// SPDX-License-Identifier: MIT
#include "os/fault.hpp"

#include "os/system_call.hpp"
#include "support/error_text.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cerrno>

namespace {

namespace os = cohort::os;
using os::Fault;

int call(const char* name) {
    return os::system_call(name, [] { return 7; });
}

TEST(Fault, without_one_calls_are_made) {
    EXPECT_FALSE(Fault::any());
    EXPECT_EQ(call("read"), 7);
}

TEST(Fault, the_nth_call_of_the_kind_fails) {
    Fault fault("read", ENOSPC, 2);
    EXPECT_EQ(call("read"), 7);
    EXPECT_EQ(call("write"), 7);
    EXPECT_EQ(call("read"), -1);
    EXPECT_EQ(errno, ENOSPC);
    EXPECT_EQ(call("read"), 7);
    EXPECT_EQ(fault.calls(), 3);
}

TEST(Fault, several_calls_may_fail) {
    Fault twice("read", EIO, 1, 2);
    Fault always("write", EPIPE, 2, Fault::kAlways);
    EXPECT_EQ(call("read") + call("read") + call("read"), 5);
    EXPECT_EQ(call("write"), 7);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(call("write"), -1);
}

TEST(Fault, ends_with_its_scope) {
    { Fault fault("read", EIO); }
    EXPECT_FALSE(Fault::any());
}

TEST(SystemCall, an_interrupted_call_is_repeated) {
    Fault fault("read", EINTR, 1, 3);
    EXPECT_EQ(os::uninterrupted("read", [] { return 7; }), 7);
    EXPECT_EQ(fault.calls(), 4);
}

TEST(SystemCall, a_failure_is_thrown_with_the_call_and_its_object) {
    Fault fault("mmap", ENOMEM);
    auto map = [] { os::checked("mmap", "of the arena", [] { return static_cast<void*>(nullptr); }); };
    EXPECT_EQ(cohort::test::error_text(ENOMEM, map), "mmap of the arena: Cannot allocate memory");
}

}  // namespace
