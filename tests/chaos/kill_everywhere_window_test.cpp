// SPDX-License-Identifier: MIT
// Kills the producer, and then the reader, at points of a message that goes through a window from one to the other.
#include <cohort/channel/queue.hpp>

#include "channel/cut_through.hpp"
#include "chaos/kill_everywhere.hpp"
#include "support/forked_child.hpp"
#include "support/process_list.hpp"
#include "unit/shm/shared_memory.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <numeric>
#include <span>
#include <thread>
#include <utility>
#include <vector>

using cohort::Queue;
using cohort::channel::cut_through_sizes;
using cohort::channel::CutThroughSizes;
using cohort::channel::QueueEnd;
using cohort::test::ForkedChild;
using cohort::test::kill_everywhere_in;
using cohort::test::KillPoint;
using namespace std::chrono_literals;

namespace {

using Numbers = std::vector<int>;

Numbers many_numbers(int first) {
    Numbers numbers(5'000);
    std::iota(numbers.begin(), numbers.end(), first);
    return numbers;
}

/// In small: a message has twenty pieces, and the window four.
class WindowTrial : public cohort::test::KillTrial {
public:
    ~WindowTrial() override { cut_through_sizes = before_; }
    bool is_answered() const override { return true; }
    void prepare() override {
        Queue<Numbers> other;  // what is done once in each process is done here
        other.put(kLast);
        other.get();
    }
    std::span<const std::byte> watched() const override {
        return {reinterpret_cast<const std::byte*>(&end_.shown()), sizeof(std::uint64_t)};
    }

protected:
    static constexpr CutThroughSizes kSizes{.shown = 5'000,
                                            .streamed = 5'000,
                                            .piece = 1024,
                                            .window = 4,
                                            .patience = 500ms,
                                            .redo = 0ns,
                                            .for_room = 500ms};

    // Whoever lives ends his get() with this.
    static inline const Numbers kLast{1};

    // The queue is empty and goes on, and no memory has stayed but for so many blocks.
    void expect_unharmed(std::size_t blocks_left) {
        cut_through_sizes.head_start = {};
        cohort::shm::reap_tree();
        EXPECT_EQ(queue_.qsize(), 0U);
        queue_.put(kLast);
        queue_.put(many_numbers(3));
        EXPECT_EQ(queue_.get(), kLast);
        EXPECT_EQ(queue_.get(), many_numbers(3));
        EXPECT_EQ(end_.shown().load(), 0U);
        EXPECT_LE(cohort::shm::tree_arena().usage().blocks, blocks_ + blocks_left);
    }
    // How often the message comes before the last item.
    int get_all() {
        int found = 0;
        for (Numbers got = queue_.get(); got != kLast; got = queue_.get()) {
            EXPECT_EQ(got, message_) << "torn";
            ++found;
        }
        return found;
    }

    const CutThroughSizes before_ = std::exchange(cut_through_sizes, kSizes);
    const Numbers message_ = many_numbers(7);
    Queue<Numbers> queue_;
    mutable QueueEnd end_{queue_.object()};
    const std::size_t blocks_ = cohort::shm::tree_arena().usage().blocks;
};

class WindowPutTrial : public WindowTrial {
public:
    WindowPutTrial() : reader_([this] { *found_ = get_all(); }) {
        while (!sleeps(reader_.pid())) std::this_thread::yield();
    }
    void operate() override { queue_.put(message_); }
    void check(const KillPoint& point) override {
        queue_.put(kLast);
        EXPECT_TRUE(reader_.wait().success());
        EXPECT_LE(*found_, 1);
        if (point.number == 0) {
            EXPECT_EQ(*found_, 0);
        }
        if (point.last) {
            EXPECT_EQ(*found_, 1);
        }
        EXPECT_EQ(queue_.lost(), 0U);
        expect_unharmed(*found_ == 0 ? 1 : 0);  // what was given to the queue, but not published
    }

private:
    static bool sleeps(pid_t pid) {
        for (const auto& process : cohort::test::descendants(::getpid()))
            if (process.pid == pid) return process.state == 'S';
        return false;
    }
    cohort::test::Shared<std::atomic<int>> found_{0};
    ForkedChild reader_;
};

class WindowGetTrial : public WindowTrial {
public:
    WindowGetTrial() : producer_(start()) {}
    void operate() override { *got_ = queue_.get() == message_; }
    void check(const KillPoint& point) override {
        ForkedChild next([this] { *found_ = get_all(); });
        EXPECT_TRUE(producer_.wait().success());
        queue_.put(kLast);
        EXPECT_TRUE(next.wait().success());
        EXPECT_LE(static_cast<std::size_t>(*found_) + queue_.lost() + (*got_ ? 1 : 0), 1U);
        if (point.number == 0) {
            EXPECT_EQ(*found_, 1);
        }
        if (point.last) {
            EXPECT_TRUE(*got_);
        }
        expect_unharmed(0);
    }

private:
    ForkedChild start() {
        cut_through_sizes.head_start = 60s;  // it begins with a reader
        return ForkedChild([this] { queue_.put(message_); });
    }
    cohort::test::Shared<std::atomic<bool>> got_{false};
    cohort::test::Shared<std::atomic<int>> found_{0};
    ForkedChild producer_;
};

TEST(KillEverywhere, who_puts_a_message_through_a_window) {
    kill_everywhere_in<WindowPutTrial>("put through a window", 12);
}
TEST(KillEverywhere, who_gets_a_message_through_a_window) {
    kill_everywhere_in<WindowGetTrial>("get through a window", 12);
}

}  // namespace
