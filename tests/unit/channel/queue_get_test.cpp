// SPDX-License-Identifier: MIT
// What the user's code does while a get decodes its item.
#include <cohort/channel/queue.hpp>

#include <cohort/base/errors.hpp>

#include "shm/tree.hpp"
#include "support/forked_child.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cohort::test {
namespace {

/// Does something when it is decoded.
struct Acting {
    static inline std::function<void(const std::string&)> act;
    std::string text;

    template <class Archive>
    void save(Archive& archive) const {
        archive(text);
    }
    template <class Archive>
    void load(Archive& archive) {
        archive(text);
        if (act) std::exchange(act, {})(text);
    }
};

/// By the length of the item: in its cell, or in memory of its own.
class QueueGet : public testing::TestWithParam<std::size_t> {
protected:
    ~QueueGet() override { Acting::act = {}; }
    Acting item() const { return {std::string(GetParam(), 'x')}; }
};
INSTANTIATE_TEST_SUITE_P(, QueueGet, testing::Values(3, 5'000));

template <class AnyQueue, class Get>
void expect_counted(const AnyQueue& queue, const Acting& item, Get get) {
    const auto before = shm::tree_arena().usage();
    const std::size_t lost = queue.lost();
    queue.put(item);
    queue.put(item);
    ForkedChild child([&] {
        Acting::act = [](const std::string&) { ::raise(SIGKILL); };
        get(queue);
    });
    EXPECT_EQ(child.wait().signal(), SIGKILL);
    EXPECT_EQ(queue.lost(), lost + 1);
    EXPECT_EQ(queue.get().text, item.text);
    EXPECT_EQ(queue.lost(), lost + 1);
    shm::reap_tree();
    EXPECT_EQ(shm::tree_arena().usage().blocks, before.blocks);
}

TEST_P(QueueGet, that_dies_counts_its_item_as_lost) {
    const auto by_get = [](const auto& queue) { queue.get(); };
    const auto by_get_many = [](const auto& queue) { queue.get_many(2); };
    const Queue<Acting> unbounded, bounded(2);
    for (int i = 0; i != 100; ++i) expect_counted(unbounded, item(), by_get);  // more than a lap
    expect_counted(unbounded, item(), by_get_many);
    expect_counted(bounded, item(), by_get);
    const JoinableQueue<Acting> joinable;
    expect_counted(joinable, item(), by_get);
    joinable.task_done();
    EXPECT_TRUE(joinable.join());
}

TEST_P(QueueGet, holds_nobody_up) {
    const Queue<Acting> queue(1);
    queue.put(item());
    std::size_t moved = 0;
    Acting::act = [&](const std::string&) {
        for (; moved != 200; ++moved) {  // some laps
            queue.put(item());
            EXPECT_EQ(queue.qsize(), 1U);
            EXPECT_EQ(queue.get().text, item().text);
        }
    };
    EXPECT_EQ(queue.get().text, item().text);
    EXPECT_EQ(moved, 200U);
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.lost(), 0U);
}

TEST_P(QueueGet, that_throws_leaves_the_queue_whole) {
    const Queue<Acting> queue(1);
    for (int i = 0; i != 100; ++i) {
        queue.put(item());
        Acting::act = [](const std::string&) { throw std::domain_error("not this one"); };
        EXPECT_THROW(queue.get(), std::domain_error);
        EXPECT_TRUE(queue.empty());
    }
    EXPECT_EQ(queue.lost(), 0U);
}

// The copy of the call in the child goes on, too.
TEST(QueueGetForked, gives_its_cell_back_once) {
    const Queue<Acting> queue;
    const Acting item{"short"};
    queue.put(item);
    pid_t child = -1;
    int wait_for_parent[2];
    ASSERT_EQ(::pipe(wait_for_parent), 0);
    Acting::act = [&](const std::string&) {
        child = ::fork();
        if (child != 0) return;
        ::close(wait_for_parent[1]);
        char end;
        if (::read(wait_for_parent[0], &end, 1) != 0) ::_exit(1);
    };
    const std::string text = queue.get().text;
    if (child == 0) ::_exit(text == item.text ? 0 : 1);
    ::close(wait_for_parent[0]);
    for (int i = 0; i != 100; ++i) queue.put({std::to_string(i)});  // the cell has another item by now
    ::close(wait_for_parent[1]);
    int status = -1;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    for (int i = 0; i != 100; ++i) EXPECT_EQ(queue.get().text, std::to_string(i));
}

}  // namespace
}  // namespace cohort::test
