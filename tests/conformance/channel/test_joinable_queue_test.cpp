// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/channel/queue.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/value.hpp>

#include "conformance/sync/workers.hpp"
#include "support/error_text.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using cohort::Event;
using cohort::JoinableQueue;
using cohort::Queue;
using cohort::Value;
using cohort::ValueError;
using cohort::test::error_text;

namespace {

// --- test_multiprocessing: _TestQueue.test_task_done ---

class TestJoinableQueue : public cohort::test::Workers {};
class JoinableQueueDeaths : public cohort::test::WorkerProcesses {};

void work(JoinableQueue<std::optional<int>> queue, Value<int> sum) {
    while (const auto item = queue.get()) {
        sum.fetch_add(*item);
        queue.task_done();
    }
    queue.task_done();
}

TEST_P(TestJoinableQueue, test_task_done) {
    JoinableQueue<std::optional<int>> queue;
    Value<int> sum;
    std::vector<cohort::test::RunningWorker> workers;
    workers.reserve(4);
    for (int i = 0; i != 4; ++i) workers.push_back(start(work, queue, sum));
    for (int round = 1; round <= 3; ++round) {
        for (int i = 0; i != 10; ++i) queue.put(i);
        EXPECT_TRUE(queue.join());
        EXPECT_EQ(sum.value(), 45 * round);
    }
    for (int i = 0; i != 4; ++i) queue.put(std::nullopt);
    queue.join();
    EXPECT_EQ(error_text<ValueError>([&] { queue.task_done(); }),
              "task_done() called too many times: no item that was taken from the queue is open");
}

void join_it(JoinableQueue<std::string> queue, Event joins, Value<int> joined) {
    joins.set();
    queue.join();
    joined.fetch_add(1);
}

TEST_P(TestJoinableQueue, everybody_who_joins_waits_for_the_last_item) {
    JoinableQueue<std::string> queue(5);
    Value<int> joined;
    queue.put("one");
    queue.put(std::string(5000, '2'));
    {
        Event first_joins;
        Event second_joins;
        auto first = start(join_it, queue, first_joins, joined);
        auto second = start(join_it, queue, second_joins, joined);
        first_joins.wait();
        second_joins.wait();
        EXPECT_FALSE(queue.join(0s));
        queue.get();
        queue.task_done();
        EXPECT_FALSE(queue.join(1ms));
        queue.get();
        EXPECT_FALSE(queue.join(0s));  // empty, but not done
        EXPECT_EQ(joined.value(), 0);
        queue.task_done();
    }
    EXPECT_EQ(joined.value(), 2);
}

void say_done(JoinableQueue<int> queue) {
    queue.task_done();
}

TEST_P(TestJoinableQueue, another_one_may_say_that_an_item_is_done) {
    JoinableQueue<int> queue;
    queue.put(1);
    EXPECT_THROW(queue.task_done(), ValueError);  // Python would count it
    EXPECT_EQ(queue.get(), 1);
    start(say_done, queue).join();
    EXPECT_TRUE(queue.join(0s));
    EXPECT_THROW(queue.task_done(), ValueError);
    EXPECT_EQ(queue.lost(), 0U);
}

void put_some(JoinableQueue<std::vector<JoinableQueue<int>>> outer) {
    for (auto& queue : outer.get()) queue.put(7);
    outer.task_done();
}

TEST_P(TestJoinableQueue, travels_inside_messages) {
    JoinableQueue<std::vector<JoinableQueue<int>>> outer;
    JoinableQueue<int> inner;
    outer.put({inner});
    auto worker = start(put_some, outer);
    EXPECT_EQ(inner.get(), 7);
    EXPECT_FALSE(inner.join(0s));
    inner.task_done();
    EXPECT_TRUE(inner.join());
    EXPECT_TRUE(outer.join());
}

INSTANTIATE_TEST_SUITE_P(, TestJoinableQueue, cohort::test::kEveryWorker, cohort::test::name_of_worker);

// --- in one process ---

template <class Q>
constexpr bool kCanBeJoined = requires(Q queue) {
    queue.join();
}
|| requires(Q queue) {
    queue.task_done();
};
static_assert(kCanBeJoined<JoinableQueue<int>>);
static_assert(!kCanBeJoined<Queue<int>> && !kCanBeJoined<cohort::SimpleQueue<int>>);

TEST(JoinableQueues, an_empty_one_is_joined) {
    const JoinableQueue<int> queue;
    EXPECT_TRUE(queue.join());
    EXPECT_TRUE(queue.join(-1s));
}

TEST(JoinableQueues, what_is_discarded_is_done) {
    JoinableQueue<std::string> queue;
    queue.put("a");
    queue.put("b");
    queue.get();
    queue.close(true);
    EXPECT_FALSE(queue.join(0s));
    queue.task_done();
    EXPECT_TRUE(queue.join(0s));
    EXPECT_THROW(queue.put("c"), ValueError);
}

TEST(JoinableQueues, many_at_a_time) {
    JoinableQueue<std::array<int, 3>> queue;
    const std::vector<std::array<int, 3>> items(100, {1, 2, 3});
    EXPECT_EQ(queue.put_many(items), 100U);
    std::size_t got = 0;
    while (got != 100) got += queue.get_many(1000).size();
    for (int i = 0; i != 100; ++i) {
        EXPECT_FALSE(queue.join(0s));
        queue.task_done();
    }
    EXPECT_TRUE(queue.join(0s));
}

struct Explosive {
    bool explodes = false;
    template <class Archive>
    void save(Archive& archive) const {
        archive(explodes);
    }
    template <class Archive>
    void load(Archive& archive) {
        archive(explodes);
        if (explodes) throw std::runtime_error("it exploded");
    }
};

TEST(JoinableQueues, an_item_that_throws_is_done) {
    JoinableQueue<Explosive> queue;
    queue.put({true});
    queue.put({false});
    EXPECT_EQ(error_text<std::runtime_error>([&] { queue.get(); }), "it exploded");
    EXPECT_FALSE(queue.join(0s));
    queue.get();
    queue.task_done();
    EXPECT_TRUE(queue.join(0s));
}

// --- deaths ---

void take_three(JoinableQueue<std::string> queue, Event has_taken) {
    for (int i = 0; i != 3; ++i) queue.get();
    queue.task_done();
    has_taken.set();
    Event().wait();
}

TEST_P(JoinableQueueDeaths, what_a_killed_consumer_had_is_done_and_lost) {
    JoinableQueue<std::string> queue;
    for (std::size_t round = 1; round <= 3; ++round) {
        for (std::size_t i = 0; i != 4; ++i) queue.put(std::string(i * 1000, 'x'));
        Event has_taken;
        cohort::Process consumer({.start_method = GetParam().method}, take_three, queue, has_taken);
        consumer.start();
        has_taken.wait();
        consumer.kill();
        queue.get();
        EXPECT_FALSE(queue.join(0s));
        queue.task_done();
        EXPECT_TRUE(queue.join());
        consumer.join();
        EXPECT_EQ(queue.lost(), 2 * round);
        EXPECT_THROW(queue.task_done(), ValueError);
    }
}

void take_one(JoinableQueue<int> queue) {
    queue.get();
}

TEST_P(JoinableQueueDeaths, so_is_what_one_had_that_ended_by_itself) {
    JoinableQueue<int> queue;
    queue.put(1);
    start(take_one, queue).join();
    EXPECT_TRUE(queue.join());
    EXPECT_EQ(queue.lost(), 1U);
}

void take_for_ever(JoinableQueue<std::string> queue) {
    for (;;) {
        queue.get();
        queue.task_done();
    }
}

TEST_P(JoinableQueueDeaths, a_join_returns_while_consumers_are_killed) {
    JoinableQueue<std::string> queue;
    for (int i = 0; i != 4; ++i) {
        cohort::Process victim({.start_method = GetParam().method}, take_for_ever, queue);
        cohort::Process survivor({.start_method = GetParam().method}, take_for_ever, queue);
        victim.start();
        survivor.start();
        for (std::size_t j = 0; j != 500; ++j) queue.put(std::string(j, 'x'));
        victim.kill();
        EXPECT_TRUE(queue.join());
        EXPECT_EQ(queue.qsize(), 0U);
        survivor.kill();
        victim.join();
        survivor.join();
    }
    EXPECT_LE(queue.lost(), 4U);
}

INSTANTIATE_TEST_SUITE_P(, JoinableQueueDeaths, cohort::test::kEveryWorkerProcess, cohort::test::name_of_worker);

}  // namespace
