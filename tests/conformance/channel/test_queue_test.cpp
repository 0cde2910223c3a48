// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/channel/queue.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/lock.hpp>
#include <cohort/sync/value.hpp>

#include "conformance/sync/workers.hpp"
#include "support/error_text.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using cohort::Empty;
using cohort::EofError;
using cohort::Event;
using cohort::Full;
using cohort::Queue;
using cohort::SimpleQueue;
using cohort::Value;
using cohort::ValueError;
using cohort::test::error_text;

namespace {

struct Item {
    long number = 0;
    std::array<char, 56> more{};
};

// --- test_multiprocessing: _TestQueue, _TestSimpleQueue ---

class TestQueue : public cohort::test::Workers {};
class QueueDeaths : public cohort::test::WorkerProcesses {};

void empty_it(Queue<int> queue, Event may_start, Event may_go_on) {
    may_start.wait();
    for (int i = 0; i != 6; ++i) queue.get();
    may_go_on.set();
}

TEST_P(TestQueue, test_put) {
    Queue<int> queue(6);
    Event may_start;
    Event may_go_on;
    auto worker = start(empty_it, queue, may_start, may_go_on);
    EXPECT_TRUE(queue.empty());
    EXPECT_FALSE(queue.full());
    queue.put(1);
    queue.put(2, true);
    queue.put(3, true, cohort::forever);
    queue.put(4, false);
    queue.put(5, 1s);
    queue.put_nowait(6);
    EXPECT_FALSE(queue.empty());
    EXPECT_TRUE(queue.full());
    EXPECT_THROW(queue.put(7, false), Full);
    EXPECT_THROW(queue.put(7, false, 1h), Full);
    EXPECT_THROW(queue.put_nowait(7), Full);
    EXPECT_THROW(queue.put(7, true, 1ms), Full);
    EXPECT_THROW(queue.put(7, 0s), Full);
    EXPECT_THROW(queue.put(7, -1s), Full);
    EXPECT_FALSE(queue.try_put(7));
    EXPECT_EQ(queue.qsize(), 6U);
    may_start.set();
    may_go_on.wait();
    EXPECT_TRUE(queue.empty());
    EXPECT_FALSE(queue.full());
}

void fill_it(Queue<int> queue, Event may_start, Event may_go_on) {
    may_start.wait();
    for (int i = 2; i != 6; ++i) queue.put(i);
    may_go_on.set();
}

TEST_P(TestQueue, test_get) {
    Queue<int> queue;
    Event may_start;
    Event may_go_on;
    auto worker = start(fill_it, queue, may_start, may_go_on);
    EXPECT_TRUE(queue.empty());
    may_start.set();
    may_go_on.wait();
    EXPECT_FALSE(queue.empty());
    EXPECT_EQ(queue.get(true, cohort::forever), 2);
    EXPECT_EQ(queue.get(true), 3);
    EXPECT_EQ(queue.get(1s), 4);
    EXPECT_EQ(queue.get_nowait(), 5);
    EXPECT_TRUE(queue.empty());
    EXPECT_THROW(queue.get(false), Empty);
    EXPECT_THROW(queue.get(false, 1h), Empty);
    EXPECT_THROW(queue.get_nowait(), Empty);
    EXPECT_THROW(queue.get(true, 1ms), Empty);
    EXPECT_THROW(queue.get(0s), Empty);
    EXPECT_THROW(queue.get(-1s), Empty);
    EXPECT_EQ(queue.try_get(), std::nullopt);
}

void produce(Queue<Item> queue, long from, long count) {
    for (long i = 0; i != count; ++i) queue.put({from + i, {}});
}

void consume(Queue<Item> queue, Value<long> sum) {
    long own = 0;
    for (const Item& item : queue) own += item.number;
    sum.fetch_add(own);
}

TEST_P(TestQueue, many_items_by_many) {
    for (const std::ptrdiff_t maxsize : {0, 1, 7, 1000}) {
        Queue<Item> queue(maxsize);
        Value<long> sum;
        auto a = start(consume, queue, sum);
        auto b = start(consume, queue, sum);
        {
            auto c = start(produce, queue, 0L, 2000L);
            produce(queue, 2000L, 2000L);
        }
        queue.close();
        a.join();
        b.join();
        EXPECT_EQ(sum.value(), 4000L * 3999 / 2) << maxsize;
    }
}

void send_texts(Queue<std::string> queue, int count) {
    for (int i = 0; i != count; ++i) queue.put(std::string(static_cast<std::size_t>(i) * 37, 'x'));
}

TEST_P(TestQueue, items_of_any_size) {
    Queue<std::string> queue;
    {
        auto worker = start(send_texts, queue, 300);
        for (std::size_t i = 0; i != 300; ++i) ASSERT_EQ(queue.get().size(), i * 37);
    }
    const std::string large(20'000'000, 'y');
    queue.put(large);
    EXPECT_EQ(queue.get(), large);
}

// Long enough to be read while it is being written; the numbers tell which one it is, and that it is whole.
std::vector<std::uint64_t> long_item(std::size_t number) {
    std::vector<std::uint64_t> item(number % 3 == 0 ? number : 140'000 + number);
    std::iota(item.begin(), item.end(), number);
    return item;
}

bool is_long_item(const std::vector<std::uint64_t>& item, std::size_t number) {
    return item == long_item(number);
}

void send_long_items(Queue<std::vector<std::uint64_t>> queue, std::size_t from, std::size_t count) {
    for (std::size_t i = from; i != from + count; ++i) queue.put(long_item(i));
}

// The items that are not what they should be.
void check_long_items(Queue<std::vector<std::uint64_t>> queue, Value<long> got, Value<long> wrong) {
    for (const auto& item : queue) {
        got.fetch_add(1);
        const std::size_t number = item.size() > 100'000 ? item.size() - 140'000 : item.size();
        if (!is_long_item(item, number)) wrong.fetch_add(1);
    }
}

TEST_P(TestQueue, long_items_by_many) {
    for (const std::ptrdiff_t maxsize : {0, 1}) {
        Queue<std::vector<std::uint64_t>> queue(maxsize);
        Value<long> got;
        Value<long> wrong;
        auto a = start(check_long_items, queue, got, wrong);
        auto b = start(check_long_items, queue, got, wrong);
        {
            auto c = start(send_long_items, queue, std::size_t{0}, std::size_t{40});
            send_long_items(queue, 40, 40);
        }
        queue.close();
        a.join();
        b.join();
        EXPECT_EQ(got.value(), 80);
        EXPECT_EQ(wrong.value(), 0);
    }
}

void answer(Queue<std::vector<cohort::Lock>> locks, Queue<Queue<int>> queues) {
    locks.get().at(1).release();
    queues.get().put(5);
}

TEST_P(TestQueue, handles_travel_through_queues) {
    Queue<std::vector<cohort::Lock>> locks;
    Queue<Queue<int>> queues;
    cohort::Lock lock;
    lock.acquire();
    Queue<int> inner;
    locks.put({cohort::Lock(), lock});
    queues.put(inner);
    auto worker = start(answer, locks, queues);
    EXPECT_EQ(inner.get(), 5);
    EXPECT_TRUE(lock.acquire());
}

void take_one(Queue<int> queue) {
    if (queue.get() != 1) throw std::logic_error("another item");
}

// Where there are pipes, the arguments of a process are searched for their ends.
TEST_P(TestQueue, a_queue_is_an_argument_beside_pipes) {
    const auto pipe = cohort::Pipe();
    const Queue<int> queue;
    queue.put(1);
    queue.put(2);
    start(take_one, queue).join();
    EXPECT_EQ(queue.qsize(), 1U);
}

TEST_P(TestQueue, what_is_in_a_queue_lives) {
    Queue<Queue<std::string>> outer;
    {
        Queue<std::string> inner;
        inner.put("text");
        inner.put(std::string(10'000, 'z'));
        outer.put(inner);
    }
    auto inner = outer.get();
    EXPECT_EQ(inner.get(), "text");
    EXPECT_EQ(inner.get().size(), 10'000U);
    outer.put(inner);  // and nobody gets it
}

void put_ten_more(Queue<int> queue) {
    for (int i = 10; i != 20; ++i) queue.put(i);
}

TEST_P(TestQueue, test_fork) {
    Queue<int> queue;
    for (int i = 0; i != 10; ++i) queue.put(i);
    start(put_ten_more, queue).join();
    for (int i = 0; i != 20; ++i) EXPECT_EQ(queue.get(), i);
    EXPECT_THROW(queue.get(false), Empty);
}

void put_long_texts(Queue<std::string> queue) {
    for (int i = 0; i != 50; ++i) queue.put(std::string(100'000, 'x'));
}

TEST_P(TestQueue, a_producer_ends_though_nobody_reads) {
    Queue<std::string> queue;
    start(put_long_texts, queue).join();
    EXPECT_EQ(queue.qsize(), 50U);
    for (int i = 0; i != 50; ++i) EXPECT_EQ(queue.get().size(), 100'000U);
}

INSTANTIATE_TEST_SUITE_P(, TestQueue, cohort::test::kEveryWorker, cohort::test::name_of_worker);

// --- in one process ---

TEST(Queues, test_qsize) {
    Queue<int> queue;
    EXPECT_EQ(queue.qsize(), 0U);
    queue.put(1);
    queue.put(5);
    EXPECT_EQ(queue.qsize(), 2U);
    queue.get();
    EXPECT_EQ(queue.qsize(), 1U);
    queue.get();
    EXPECT_EQ(queue.qsize(), 0U);
}

TEST(Queues, any_bound) {
    for (const std::ptrdiff_t bound : {PTRDIFF_MIN, std::ptrdiff_t{-1}, std::ptrdiff_t{1}, PTRDIFF_MAX}) {
        Queue<int> queue(bound);
        queue.put(1);
        EXPECT_EQ(queue.full(), bound == 1);
        EXPECT_EQ(queue.get(), 1);
    }
}

TEST(Queues, test_closed_queue_put_get_exceptions) {
    Queue<int> queue;
    queue.put(1);
    queue.close();
    queue.close();
    EXPECT_TRUE(queue.closed());
    EXPECT_THROW(queue.put(2), ValueError);
    EXPECT_THROW(queue.try_put(2), ValueError);
    EXPECT_EQ(queue.get(), 1);
    EXPECT_THROW(queue.get(), EofError);
    EXPECT_THROW(queue.get_nowait(), EofError);
    EXPECT_THROW(queue.get_many(3), EofError);
    queue.join_thread();
    queue.cancel_join_thread();
}

TEST(Queues, close_discards_what_is_left_if_told) {
    Queue<std::string> queue;
    for (int i = 0; i != 100; ++i) queue.put(std::string(i % 2 ? 10 : 100'000, 'x'));
    queue.close(true);
    EXPECT_THROW(queue.get(), EofError);
}

TEST(Queues, many_at_a_time) {
    Queue<long> numbers;
    std::vector<long> items(1000);
    std::iota(items.begin(), items.end(), 0L);
    EXPECT_EQ(numbers.put_many(items), 1000U);
    std::vector<long> got;
    while (got.size() != items.size()) {
        const auto some = numbers.get_many(70);
        ASSERT_FALSE(some.empty());
        ASSERT_LE(some.size(), 70U);
        got.insert(got.end(), some.begin(), some.end());
    }
    EXPECT_EQ(got, items);
    EXPECT_TRUE(numbers.get_many(5, 0s).empty());
    numbers.put_many(items);
    EXPECT_EQ(numbers.get_many(5000), items);
    EXPECT_TRUE(numbers.get_many(0).empty());
    Queue<std::string> texts(3);
    EXPECT_EQ(texts.put_many(std::vector<std::string>{"a", "b", "c", "d"}, 1ms), 3U);
    EXPECT_EQ(texts.get_many(10), (std::vector<std::string>{"a", "b", "c"}));
    texts.put_many(std::vector<std::string>{"d", "e"});
    texts.close();
    EXPECT_EQ(texts.get_many(10), (std::vector<std::string>{"d", "e"}));  // the end comes at the next call
    EXPECT_THROW(texts.get_many(10), EofError);
}

struct Refuses {
    int number = 0;
    std::string text = "text";
    template <class Archive>
    void save(Archive& archive) const {
        if (number == 1) throw std::domain_error("not this one");
        archive(number, text);
    }
    template <class Archive>
    void load(Archive& archive) {
        archive(number, text);
        if (number == 2) throw std::range_error("not here");
    }
};

TEST(Queues, an_item_that_throws_leaves_the_queue_whole) {
    Queue<Refuses> queue(2);
    queue.put({0});
    EXPECT_THROW(queue.put({1}), std::domain_error);
    queue.put({2});
    EXPECT_EQ(queue.qsize(), 2U);
    EXPECT_EQ(queue.get().number, 0);
    EXPECT_THROW(queue.get(), std::range_error);
    queue.put({3});
    EXPECT_EQ(queue.get().number, 3);
    EXPECT_TRUE(queue.empty());
}

TEST(Queues, move_only_items_and_maps) {
    Queue<std::unique_ptr<int>> pointers;
    pointers.put(std::make_unique<int>(4));
    EXPECT_EQ(*pointers.get(), 4);
    Queue<std::map<std::string, std::vector<int>>> maps;
    maps.put({{"a", {1, 2}}});
    EXPECT_EQ(maps.get().at("a").at(1), 2);
}

TEST(Queues, another_type_than_was_sent_is_told) {
    Queue<std::string> queue;
    queue.put("text");
    const Queue<std::vector<int>> other(queue.object());
    EXPECT_THROW(other.get(), cohort::SerializationError);
}

TEST(SimpleQueues, test_empty) {
    SimpleQueue<int> queue;
    EXPECT_TRUE(queue.empty());
    queue.put(1);
    EXPECT_FALSE(queue.empty());
    EXPECT_EQ(queue.get(), 1);
    queue.close();
    EXPECT_THROW(queue.put(1), ValueError);
    EXPECT_THROW(queue.get(), EofError);
    EXPECT_TRUE(queue.empty());
    EXPECT_TRUE(queue.closed());
    queue.close();
}

// --- deaths ---

void produce_for_ever(Queue<std::string> queue) {
    for (std::size_t i = 0;; ++i) queue.put(std::string(i % 500, 'x'));
}

TEST_P(QueueDeaths, a_killed_producer_leaves_the_queue_whole) {
    Queue<std::string> queue(50);
    for (int i = 0; i != 5; ++i) {
        cohort::Process producer({.start_method = GetParam().method}, produce_for_ever, queue);
        producer.start();
        for (int j = 0; j != 100 + i; ++j) queue.get();
        producer.kill();
        producer.join();
        while (queue.try_get()) {
        }
        EXPECT_EQ(queue.qsize(), 0U);
    }
    queue.put("last");
    EXPECT_EQ(queue.get(), "last");
}

void consume_for_ever(Queue<std::string> queue) {
    for (;;) queue.get();
}

TEST_P(QueueDeaths, a_killed_consumer_loses_at_most_one_item) {
    Queue<std::string> queue(20);
    for (int i = 0; i != 5; ++i) {
        cohort::Process consumer({.start_method = GetParam().method}, consume_for_ever, queue);
        consumer.start();
        for (int j = 0; j != 300; ++j) queue.put(std::string(static_cast<std::size_t>(j), 'x'));
        consumer.kill();
        consumer.join();
    }
    EXPECT_LE(queue.lost(), 5U);
    while (queue.try_get()) {
    }
    queue.put("last");
    EXPECT_EQ(queue.get(), "last");
}

void send_long_items_for_ever(Queue<std::vector<std::uint64_t>> queue) {
    for (std::size_t i = 1;; i += 3) queue.put(long_item(i));
}

TEST_P(QueueDeaths, a_long_item_of_a_killed_producer_is_whole_or_not_there) {
    Queue<std::vector<std::uint64_t>> queue(1);
    for (std::size_t i = 0; i != 8; ++i) {
        cohort::Process producer({.start_method = GetParam().method}, send_long_items_for_ever, queue);
        producer.start();
        std::size_t next = 1;
        for (; next != 7; next += 3) EXPECT_TRUE(is_long_item(queue.get(), next));
        producer.kill();
        // While it dies, and after it.
        while (auto item = queue.try_get(20ms)) EXPECT_TRUE(is_long_item(*item, (next += 3) - 3));
        producer.join();
    }
    queue.put({1, 2});
    EXPECT_EQ(queue.get(), (std::vector<std::uint64_t>{1, 2}));
}

INSTANTIATE_TEST_SUITE_P(, QueueDeaths, cohort::test::kEveryWorkerProcess, cohort::test::name_of_worker);

}  // namespace
