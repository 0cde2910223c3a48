// SPDX-License-Identifier: MIT
#include "os/pipe.hpp"

#include "os/file.hpp"
#include "support/forked_child.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>

#include <array>
#include <span>
#include <utility>

namespace {

using namespace cohort::os;
using cohort::Descriptor;
using cohort::test::ForkedChild;

TEST(Pipe, is_read_by_an_end_that_was_opened_later) {
    PipeEnds pipe = make_pipe();
    EXPECT_EQ(::fcntl(pipe.write.get(), F_GETFD), FD_CLOEXEC);
    pipe.read.reset();
    const Descriptor later = open_reading_end(pipe.write.get());
    const char written[] = "ab";
    write_all(pipe.write.get(), std::as_bytes(std::span(written, 2)));
    pipe.write.reset();
    std::array<std::byte, 10> buffer{};
    EXPECT_EQ(read_plainly(later.get(), buffer), 2);
    EXPECT_EQ(read_plainly(later.get(), buffer), 0);
    EXPECT_EQ(read_plainly(-1, buffer), -1);
}

TEST(Pipe, an_open_file_is_locked_until_all_its_descriptors_are_closed) {
    const PipeEnds pipe = make_pipe();
    Descriptor first = open_reading_end(pipe.write.get());
    const Descriptor second = open_reading_end(pipe.write.get());
    EXPECT_TRUE(try_lock_open_file(first.get()));
    EXPECT_TRUE(try_lock_open_file(first.get()));
    EXPECT_FALSE(try_lock_open_file(second.get()));
    Descriptor copy = duplicate(first.get());
    first.reset();
    EXPECT_FALSE(try_lock_open_file(second.get()));
    copy.reset();
    EXPECT_TRUE(try_lock_open_file(second.get()));
}

TEST(Pipe, wait_for_end_takes_what_comes) {
    PipeEnds pipe = make_pipe();
    ForkedChild writer([&] {
        pipe.read.reset();
        const std::array<std::byte, 2000> bytes{};
        for (int i = 0; i < 100; ++i) write_all(pipe.write.get(), bytes);
    });
    pipe.write.reset();
    wait_for_end(pipe.read.get());
    EXPECT_EQ(writer.wait().exitcode(), 0);
}

TEST(ProcessLock, keeps_other_processes_out_until_its_holder_is_killed) {
    const PipeEnds file = make_pipe(), tell = make_pipe();
    const auto holds = [&] {
        const ProcessLock lock(file.write.get());
        write_all(tell.write.get(), std::as_bytes(std::span("h", 1)));
        std::array<std::byte, 1> never{};
        read_plainly(file.read.get(), never);
    };
    std::array<std::byte, 1> told{};
    const ForkedChild first(holds);
    ASSERT_EQ(read_plainly(tell.read.get(), told), 1);
    ForkedChild second([&] {
        const ProcessLock lock(file.write.get());
        write_all(tell.write.get(), std::as_bytes(std::span("s", 1)));
    });
    first.kill();
    ASSERT_EQ(read_plainly(tell.read.get(), told), 1);
    EXPECT_EQ(told[0], std::byte{'s'});
    EXPECT_EQ(second.wait().exitcode(), 0);
    const ProcessLock lock(file.write.get());
}

}  // namespace
