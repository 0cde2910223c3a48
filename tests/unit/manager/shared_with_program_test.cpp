// SPDX-License-Identifier: MIT
// Handles of the program that registered callables return.
#include <cohort/base/errors.hpp>
#include <cohort/channel/queue.hpp>
#include <cohort/manager/manager.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/process/process.hpp>
#include <cohort/sync/event.hpp>

#include "process/forkserver.hpp"
#include "unit/manager/use_as_client.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cohort;
using cohort::test::use_as_client;
using namespace std::chrono_literals;

/// Ends the forkserver, which else stays until the program ends.
class SharedWithProgram : public testing::Test {
protected:
    void TearDown() override { process::stop_forkserver(); }
};

TEST_F(SharedWithProgram, a_queue_is_the_same_for_clients_and_the_program) {
    const Queue<int> tasks;
    BaseManager m;
    m.register_type("tasks", [tasks] { return tasks; });
    m.start();
    const auto proxy = m.call<QueueProxy<int>>("tasks");
    EXPECT_EQ(m.call<QueueProxy<int>>("tasks"), proxy);
    EXPECT_EQ(m.number_of_objects(), 1U);
    proxy.put(1);
    tasks.put(2);
    EXPECT_EQ(proxy.qsize(), 2U);
    EXPECT_EQ(tasks.get(), 1);
    EXPECT_EQ(proxy.get(), 2);
    EXPECT_TRUE(proxy.empty());
    EXPECT_FALSE(proxy.full());
    EXPECT_THROW(proxy.get_nowait(), Empty);
    EXPECT_THROW(proxy.get(1ms), Empty);
    EXPECT_THROW(proxy.call("get", kw("timeout", -1)), ValueError);
    EXPECT_THROW(proxy.call("put", "text"), TypeError);
    auto methods = proxy.methods();
    std::ranges::sort(methods);
    EXPECT_EQ(methods, (std::vector<std::string>{"empty", "full", "get", "get_nowait", "join", "put", "put_nowait",
                                                 "qsize", "task_done"}));
    EXPECT_EQ(proxy.repr(), "<queue.Queue object>");
}

TEST_F(SharedWithProgram, a_queue_is_joined_when_clients_are_done) {
    const Queue<int> plain;
    const JoinableQueue<int> joinable(1);
    BaseManager m;
    m.register_type("plain", [plain] { return plain; });
    m.register_type("joinable", [joinable] { return joinable; });
    m.start();
    for (const char* name : {"plain", "joinable"}) {
        const auto queue = m.call<QueueProxy<int>>(name);
        queue.put(1);
        std::thread worker([queue] {
            queue.get();
            queue.task_done();
        });
        queue.join();
        worker.join();
        EXPECT_THROW(queue.task_done(), ValueError);
    }
    joinable.put(1);
    EXPECT_THROW(m.call<QueueProxy<int>>("joinable").put_nowait(2), Full);
    EXPECT_THROW(m.call<QueueProxy<int>>("joinable").put(2, 1ms), Full);
    joinable.get();
    joinable.task_done();
}

TEST_F(SharedWithProgram, calls_that_wait_stall_nobody) {
    const Queue<int> items;
    BaseManager m;
    m.register_type("items", [items] { return items; });
    m.start();
    const auto proxy = m.call<QueueProxy<int>>("items");
    std::vector<std::thread> getters;
    for (int i = 0; i < 8; ++i) getters.emplace_back([proxy] { EXPECT_EQ(proxy.get(), 7); });
    EXPECT_EQ(m.call<QueueProxy<int>>("items").qsize(), 0U);
    for (int i = 0; i < 8; ++i) items.put(7);
    for (auto& each : getters) each.join();
}

void get_for_ever(const QueueProxy<int>& items, Event begins) {
    items.qsize();
    begins.set();
    items.get();
}

TEST_F(SharedWithProgram, a_killed_client_takes_nothing) {
    const Queue<int> items;
    BaseManager m;
    m.register_type("items", [items] { return items; });
    m.start();
    const auto proxy = m.call<QueueProxy<int>>("items");
    for (int i = 0; i < 5; ++i) {
        Event begins;
        Process child(get_for_ever, proxy, begins);
        child.start();
        begins.wait();
        child.kill();
        child.join();
        proxy.put(i);
        EXPECT_EQ(items.get(), i);
    }
}

TEST_F(SharedWithProgram, values_arrays_events_and_semaphores) {
    const Value<int> value(5);
    const RawValue<double> raw(0.5);
    const Array<int> array({1, 2, 3});
    Event event;
    Semaphore semaphore(1);
    BaseManager m;
    m.register_type("value", [value] { return value; });
    m.register_type("raw", [raw] { return raw; });
    m.register_type("array", [array] { return array; });
    m.register_type("event", [event] { return event; });
    m.register_type("semaphore", [semaphore] { return semaphore; });
    m.start();

    const auto v = m.call<ValueProxy<int>>("value");
    EXPECT_EQ(v.fetch_add(2), 5);
    EXPECT_EQ(value.value(), 7);
    value.set_value(10);
    int expected = 7;
    EXPECT_FALSE(v.compare_exchange(expected, 8));
    EXPECT_EQ(expected, 10);
    EXPECT_TRUE(v.compare_exchange(expected, 8));
    EXPECT_EQ(value.value(), 8);
    const auto r = m.call<ValueProxy<double>>("raw");
    r.set(1.5);
    EXPECT_EQ(raw.value(), 1.5);

    const auto a = m.call<ArrayProxy<int>>("array");
    a[-1] += 10;
    EXPECT_EQ(array[2], 13);
    EXPECT_EQ(a.copy(), (std::vector<int>{1, 2, 13}));
    EXPECT_EQ(a.value<std::vector<int>>(), (std::vector<int>{1, 2, 13}));
    EXPECT_EQ(a.call<std::vector<int>>("__getitem__", Object::slice(1, {})), (std::vector<int>{2, 13}));
    EXPECT_THROW(a.at(3), std::out_of_range);

    const auto e = m.call<EventProxy>("event");
    EXPECT_FALSE(e.wait(1ms));
    std::thread setter([event]() mutable { event.set(); });
    EXPECT_TRUE(e.wait());
    setter.join();

    const auto s = m.call("semaphore");
    EXPECT_TRUE(s.call<bool>("acquire"));
    EXPECT_FALSE(semaphore.acquire(false));
    EXPECT_FALSE(s.call<bool>("acquire", true, 0.001));
    s.call("release");
    EXPECT_TRUE(semaphore.acquire(false));
    semaphore.release();
    const auto guarded = m.call<SemaphoreProxy>("semaphore");
    EXPECT_EQ(guarded.get_value(), 1);
    const std::unique_lock guard(guarded, std::try_to_lock);
    EXPECT_TRUE(guard.owns_lock());
    EXPECT_TRUE(guarded.locked());
    EXPECT_FALSE(guarded.try_lock());
}

void take_and_wait(const ObjectProxy& lock, Event taken) {
    lock.call("acquire");
    taken.set();
    std::this_thread::sleep_for(1h);
}

TEST_F(SharedWithProgram, a_lock_is_released_by_the_death_of_a_client) {
    Lock lock;
    BaseManager m;
    m.register_type("lock", [lock] { return lock; });
    m.start();
    const auto proxy = m.call("lock");
    EXPECT_TRUE(proxy.call<bool>("acquire"));
    EXPECT_FALSE(lock.acquire(false));
    EXPECT_TRUE(proxy.call<bool>("locked"));
    proxy.call("release");
    EXPECT_THROW(proxy.call("release"), ValueError);
    Event taken;
    Process child(take_and_wait, proxy, taken);
    child.start();
    taken.wait();
    EXPECT_FALSE(lock.acquire(false));
    child.kill();
    child.join();
    EXPECT_TRUE(lock.acquire());
    EXPECT_FALSE(m.call<LockProxy>("lock").abandoned());  // the server has released it
    lock.release();
}

TEST_F(SharedWithProgram, a_server_of_this_process_shares_what_is_here) {
    Queue<std::string> results;
    BaseManager m({.authkey = "abc"});
    m.register_type("results", [&]() -> Queue<std::string>& { return results; });
    ManagerServer server = m.get_server();
    std::thread serving([&] { server.serve_forever(); });
    std::thread waiting;
    use_as_client(server, [&](const BaseManager& client) {
        const auto proxy = client.call<QueueProxy<std::string>>("results");
        waiting = std::thread([proxy] {
            EXPECT_EQ(proxy.get(), "one");
            EXPECT_THROW(proxy.get(), std::exception);  // the server ends
        });
        proxy.put("one");
    });
    while (results.qsize() != 0) std::this_thread::yield();
    server.stop();
    serving.join();
    waiting.join();
}

TEST_F(SharedWithProgram, a_proxy_stands_for_what_it_stands_for) {
    const Manager other;
    const auto far = other.list<int>({1, 2});
    BaseManager m;
    m.register_type("far", [far] { return far; });
    m.start();
    const auto proxy = m.call<ListProxy<int>>("far");
    proxy.append(3);
    EXPECT_EQ(far.copy(), (std::vector<int>{1, 2, 3}));
    EXPECT_EQ(proxy.copy(), (std::vector<int>{1, 2, 3}));
    EXPECT_THROW(proxy.at(10), std::out_of_range);
}

void put_last(const QueueProxy<int>& results, Event answered) {
    results.put(1);
    answered.set();
}

TEST_F(SharedWithProgram, the_answer_to_the_last_put_comes_before_the_end_of_the_server) {
    for (int i = 0; i < 20; ++i) {
        const Queue<int> results;
        BaseManager m;
        m.register_type("results", [results] { return results; });
        m.start();
        const auto proxy = m.call<QueueProxy<int>>("results");
        Event answered;
        Process worker(put_last, proxy, answered);
        worker.start();
        EXPECT_EQ(proxy.get(), 1);
        m.shutdown();
        worker.join();
        EXPECT_EQ(worker.exitcode(), 0);
        EXPECT_TRUE(answered.is_set());
    }
}

}  // namespace
