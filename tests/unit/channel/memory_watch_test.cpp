// SPDX-License-Identifier: MIT
#include "channel/memory_watch.hpp"

#include "os/fault.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <stdexcept>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

using channel::MemoryEvent;
using channel::MemoryWatch;

class Flag final : public MemoryEvent {
public:
    const void* identity() const noexcept override { return this; }
    bool ready(bool) override {
        ++looks;
        if (broken) throw std::domain_error("broken");
        return set_;
    }
    shm::Watch listen() override { return bell_.watch(bell_.listen()); }

    void set(bool to = true) {
        set_ = to;
        bell_.ring();
    }
    bool has_sleepers() const { return bell_.has_sleepers(); }

    std::atomic<int> looks{0};
    std::atomic<bool> broken{false};

private:
    shm::Doorbell bell_;
    std::atomic<bool> set_{false};
};

class MemoryWatchTest : public testing::Test {
protected:
    MemoryWatchTest() {
        for (Flag& flag : flags_) events_.push_back(&flag);
    }
    void wait_until_asleep() const {
        for (const Flag& flag : flags_)
            while (!flag.has_sleepers()) std::this_thread::yield();
    }

    std::array<Flag, channel::kMostEvents> flags_;
    std::vector<MemoryEvent*> events_;
    os::Eventfd alarm_;
};

TEST_F(MemoryWatchTest, rings_for_any_of_the_most) {
    for (Flag* flag : {&flags_.front(), &flags_.back()}) {
        const MemoryWatch watch(events_, alarm_);
        wait_until_asleep();
        EXPECT_EQ(alarm_.take(), 0U);
        flag->set();
        EXPECT_TRUE(alarm_.wait(forever));
        EXPECT_EQ(alarm_.take(), 1U);
        flag->set(false);
    }
}

TEST_F(MemoryWatchTest, rings_for_what_is_ready_already) {
    flags_[1].set();
    const MemoryWatch watch(events_, alarm_);
    EXPECT_TRUE(alarm_.wait(forever));
}

// Somebody else was faster: the same thread goes on.
TEST_F(MemoryWatchTest, one_thread_rings_again_and_again) {
    const os::Fault threads("pthread_create", EAGAIN, 1'000'000);
    MemoryWatch watch(events_, alarm_);
    watch.go_on();  // it has not rung: nothing
    for (int i = 0; i != 100; ++i) {
        Flag& flag = flags_[static_cast<std::size_t>(i) % flags_.size()];
        flag.set();
        EXPECT_TRUE(alarm_.wait(forever));
        EXPECT_EQ(alarm_.take(), 1U);
        flag.set(false);
        watch.go_on();
    }
    EXPECT_EQ(threads.calls(), 1);
}

TEST_F(MemoryWatchTest, after_it_has_rung_it_looks_no_more) {
    flags_[0].set();
    const MemoryWatch watch(events_, alarm_);
    EXPECT_TRUE(alarm_.wait(forever));
    const int looks = flags_[0].looks;
    EXPECT_EQ(alarm_.take(), 1U);
    EXPECT_FALSE(alarm_.wait(2 * shm::Doorbell::kPeriod));
    EXPECT_EQ(flags_[0].looks, looks);
}

TEST_F(MemoryWatchTest, what_a_look_throws_is_told) {
    MemoryWatch watch(events_, alarm_);
    wait_until_asleep();
    flags_[2].broken = true;
    flags_[2].set(false);
    EXPECT_TRUE(alarm_.wait(forever));
    EXPECT_THROW(watch.go_on(), std::domain_error);
}

TEST_F(MemoryWatchTest, ends_at_any_moment) {
    for (int i = 0; i != 100; ++i) {
        flags_[0].set(false);
        const MemoryWatch watch(events_, alarm_);
        if (i % 2) wait_until_asleep();
        if (i % 3 == 0) flags_[0].set();
    }
}

TEST_F(MemoryWatchTest, a_sleep_on_the_calling_thread_ends_at_its_moment) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
    channel::sleep_on(events_, nullptr, until);
    EXPECT_GE(std::chrono::steady_clock::now(), until);
    flags_[3].set();
    channel::sleep_on(events_, nullptr, {});  // returns at once
}

}  // namespace
}  // namespace cohort::test
