// SPDX-License-Identifier: MIT
#include "os/epoll.hpp"

#include "os/eventfd.hpp"
#include "os/fault.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace {

using namespace cohort::os;
using namespace std::chrono_literals;
using cohort::Deadline;

class EpollTest : public testing::Test {
protected:
    std::span<epoll_event> wait(const Deadline& deadline) { return set.wait(events, deadline); }

    Epoll set;
    Eventfd one;
    Eventfd two;
    std::array<epoll_event, 4> events{};
};

TEST_F(EpollTest, gives_the_keys_of_what_is_ready) {
    set.add(one.get(), EPOLLIN, 11);
    set.add(two.get(), EPOLLIN, 22);
    EXPECT_TRUE(wait(Deadline(0s)).empty());
    two.add();
    auto ready = wait(Deadline(cohort::forever));
    ASSERT_EQ(ready.size(), 1U);
    EXPECT_EQ(ready[0].data.u64, 22U);
    one.add();
    EXPECT_EQ(wait(Deadline(cohort::forever)).size(), 2U);
}

TEST_F(EpollTest, ends_with_the_time) {
    set.add(one.get(), EPOLLIN, 0);
    auto before = std::chrono::steady_clock::now();
    EXPECT_TRUE(wait(Deadline(20ms)).empty());
    EXPECT_GE(std::chrono::steady_clock::now() - before, 20ms);
}

TEST_F(EpollTest, members_change_and_go) {
    one.add();
    set.add(one.get(), EPOLLIN, 1);
    set.modify(one.get(), EPOLLOUT, 5);
    EXPECT_EQ(wait(Deadline(cohort::forever))[0].data.u64, 5U);
    set.remove(one.get());
    EXPECT_TRUE(wait(Deadline(0s)).empty());
    EXPECT_THROW(set.remove(one.get()), std::system_error);
}

TEST_F(EpollTest, does_without_the_call_that_counts_in_nanoseconds) {
    set.add(one.get(), EPOLLIN, 7);
    for (const int error : {ENOSYS, EPERM}) {
        const Fault fault("epoll_pwait2", error, 1, Fault::kAlways);
        EXPECT_TRUE(wait(Deadline(1ms)).empty());
        one.add();
        EXPECT_EQ(wait(Deadline(cohort::forever))[0].data.u64, 7U);
        one.take();
    }
}

TEST_F(EpollTest, a_signal_does_not_end_a_wait) {
    one.add();
    set.add(one.get(), EPOLLIN, 7);
    const Fault fault("epoll_pwait2", EINTR, 1, 3);
    EXPECT_EQ(wait(Deadline(cohort::forever)).size(), 1U);
}

TEST_F(EpollTest, a_look_does_not_wait) {
    set.add(one.get(), EPOLLIN, 7);
    EXPECT_TRUE(set.look(events).empty());
    one.add();
    EXPECT_EQ(set.look(events).size(), 1U);
}

}  // namespace
