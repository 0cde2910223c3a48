// SPDX-License-Identifier: MIT
#include "os/poll.hpp"

#include "os/eventfd.hpp"
#include "os/fault.hpp"
#include "os/unix_socket.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace {

using namespace cohort::os;
using namespace std::chrono_literals;
using cohort::Deadline;

TEST(Poll, tells_what_is_ready) {
    Eventfd ready(1);
    Eventfd idle;
    pollfd entries[] = {{idle.get(), POLLIN, 0}, {ready.get(), POLLIN, 0}};
    EXPECT_EQ(poll(entries, Deadline(cohort::forever)), 1);
    EXPECT_EQ(entries[0].revents, 0);
    EXPECT_EQ(entries[1].revents, POLLIN);
}

TEST(Poll, ends_with_the_time_also_when_signals_interrupt_it) {
    Eventfd idle;
    Fault fault("poll", EINTR, 1, 3);
    auto before = std::chrono::steady_clock::now();
    EXPECT_FALSE(wait_readable(idle.get(), Deadline(20ms)));
    EXPECT_GE(std::chrono::steady_clock::now() - before, 20ms);
    EXPECT_GE(fault.calls(), 4);
}

TEST(Poll, the_end_of_a_stream_is_readable) {
    auto [a, b] = socket_pair(SocketKind::stream);
    EXPECT_FALSE(wait_readable(a.get(), Deadline(0s)));
    EXPECT_TRUE(wait_writable(a.get(), Deadline(0s)));
    b.reset();
    EXPECT_TRUE(wait_readable(a.get(), Deadline(cohort::forever)));
}

}  // namespace
