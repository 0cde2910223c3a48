// SPDX-License-Identifier: MIT
// Threads that wait for queues, and those that make them ready.
#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/channel/queue.hpp>
#include <cohort/channel/wait.hpp>

#include "os/signals.hpp"

#include <gtest/gtest.h>

#include <pthread.h>

#include <atomic>
#include <csignal>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace cohort::test {
namespace {

using Ready = std::vector<Waitable>;

/// Each way to sleep: on queues in the calling thread, with descriptors, with more queues than one sleep can watch.
class WaitingThreads : public testing::TestWithParam<const char*> {
protected:
    WaitingThreads() {
        const std::string kind = GetParam();
        if (kind == "many")
            for (int i = 0; i != 200; ++i) others_.emplace_back(more_.emplace_back());
        if (kind == "mixed") others_.emplace_back(pipe_.first);
    }
    /// The queues, with the others in their midst.
    std::vector<Waitable> with_others(const std::vector<Waitable>& queues) const {
        std::vector<Waitable> all(queues.begin(), queues.end() - 1);
        all.insert(all.end(), others_.begin(), others_.end());
        all.push_back(queues.back());
        return all;
    }

private:
    std::pair<Connection, Connection> pipe_ = Pipe();
    std::vector<Queue<int>> more_;
    std::vector<Waitable> others_;
};
INSTANTIATE_TEST_SUITE_P(, WaitingThreads, testing::Values("queues", "mixed", "many"),
                         [](const auto& kind) { return std::string(kind.param); });

TEST_P(WaitingThreads, until_another_thread_puts) {
    const Queue<int> a, b;
    for (int i = 0; i != 50; ++i) {
        const Queue<int>& target = i % 2 ? a : b;
        std::thread producer([&] { target.put(i); });
        EXPECT_EQ(wait(with_others({a, b})), Ready{target});
        producer.join();
        EXPECT_EQ(target.get_nowait(), i);
    }
}

TEST_P(WaitingThreads, until_another_thread_closes) {
    const Queue<int> a, b;
    std::thread closer([&] { b.close(); });
    EXPECT_EQ(wait(with_others({a, b})), Ready{b});
    closer.join();
}

// Each waits for one queue of the other's, so that both sleep again and again.
TEST_P(WaitingThreads, two_never_miss_each_other) {
    const Queue<int> left, right, idle;
    constexpr int kTimes = 300;
    std::thread other([&] {
        for (int i = 0; i != kTimes; ++i) {
            ASSERT_EQ(wait(with_others({right, idle})), Ready{right});
            left.put(right.get_nowait());
        }
    });
    for (int i = 0; i != kTimes; ++i) {
        right.put(i);
        ASSERT_EQ(wait(with_others({idle, left})), Ready{left});
        ASSERT_EQ(left.get_nowait(), i);
    }
    other.join();
}

// Many wait for the same: who finds that another was faster waits again.
TEST_P(WaitingThreads, several_share_the_items) {
    const Queue<int> a, b(4);
    constexpr int kItems = 500;
    std::atomic<int> sum{0};
    const auto consume = [&] {
        for (;;)
            for (const Waitable& ready : wait(with_others({a, b}))) {
                const Queue<int>& queue = ready == a ? a : b;
                try {
                    if (const auto item = queue.try_get()) sum += *item;
                } catch (const EofError&) {
                    return;
                }
            }
    };
    std::vector<std::thread> consumers;
    for (int i = 0; i != 3; ++i) consumers.emplace_back(consume);
    for (int i = 1; i <= kItems; ++i) {
        a.put(i);
        b.put(i);
    }
    while (!a.empty() || !b.empty()) std::this_thread::yield();
    a.close();
    b.close();
    for (auto& consumer : consumers) consumer.join();
    EXPECT_EQ(sum, kItems * (kItems + 1));
}

void ignore_signal(int) {}

TEST_P(WaitingThreads, signals_do_not_end_the_wait) {
    const os::SignalHandler handler(SIGUSR1, ignore_signal);
    const Queue<int> a, b;
    std::atomic<bool> woken{false};
    std::thread waiter([&] {
        EXPECT_EQ(wait(with_others({a, b})), Ready{b});
        woken = true;
    });
    for (int i = 0; i != 200; ++i) {
        ::pthread_kill(waiter.native_handle(), SIGUSR1);
        std::this_thread::yield();
    }
    EXPECT_FALSE(woken);
    b.put(1);
    waiter.join();
}

}  // namespace
}  // namespace cohort::test
