// SPDX-License-Identifier: MIT
#include <cohort/manager/manager.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/channel/queue.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/process/process.hpp>

#include "process/forkserver.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cohort;
using namespace std::chrono_literals;

/// Ends the forkserver, which else stays until the program ends.
class ManagerTest : public testing::Test {
protected:
    void TearDown() override { process::stop_forkserver(); }
};

using Counts = DictProxy<std::string, int>;

const auto kMethods = {StartMethod::fork, StartMethod::spawn, StartMethod::forkserver};

TEST_F(ManagerTest, a_dict_is_shared) {
    const Manager m;
    const auto d = m.dict<std::string, int>({{"count", 20}, {"a", 1}});
    EXPECT_EQ(d["count"], 20);
    d["count"] -= 1;
    ++d["a"];
    d["b"] = 7;
    EXPECT_EQ(d.items(), (Counts::Items{{"count", 19}, {"a", 2}, {"b", 7}}));
    std::ostringstream text;
    text << d << ' ' << d["a"];
    EXPECT_EQ(text.str(), "{'count': 19, 'a': 2, 'b': 7} 2");
    EXPECT_THROW(d["none"].get(), KeyError);
    EXPECT_THROW(d["none"] += 1, KeyError);
    EXPECT_EQ(d.update_with("b", [](int n) { return n * 6; }), 42);
    int expected = 42;
    EXPECT_TRUE(d.compare_exchange("b", expected, 1));
    EXPECT_FALSE(d.compare_exchange("b", expected, 2));
    EXPECT_EQ(expected, 1);
    EXPECT_EQ(d.popitem(), std::pair(std::string("b"), 1));
}

TEST_F(ManagerTest, a_list_is_shared) {
    const Manager m;
    const auto l = m.list<std::string>({"b", "a"});
    l.append("c");
    l.sort();
    EXPECT_EQ(l.copy(), (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(l[-1], "c");
    l[0] += "!";
    EXPECT_EQ(std::vector<std::string>(l.begin(), l.end()), (std::vector<std::string>{"a!", "b", "c"}));
    EXPECT_THROW(l.at(3), std::out_of_range);
    l.clear();
    EXPECT_TRUE(l.empty());
}

TEST_F(ManagerTest, the_other_types_are_shared) {
    const Manager m;
    const auto n = m.Namespace(kw("x", 1));
    n.set("y", std::vector<int>{1, 2});
    EXPECT_EQ(n.get<std::vector<int>>("y").size() + n.get<std::size_t>("x"), 3U);
    EXPECT_THROW(n.get("z"), AttributeError);
    const auto v = m.Value<long>(5);
    EXPECT_EQ(v.fetch_add(2), 5);
    EXPECT_EQ(v.get(), 7);
    const auto a = m.Array<double>({1, 2.5});
    a[0] = 9;
    EXPECT_EQ(a.copy(), (std::vector<double>{9, 2.5}));
    const auto s = m.set<int>({3, 1});
    s.add(2);
    EXPECT_EQ(s.copy(), (std::set<int>{1, 2, 3}));
    const auto e = m.Event();
    EXPECT_FALSE(e.wait(1ms));
    std::thread setter([e] { e.set(); });
    EXPECT_TRUE(e.wait());
    setter.join();
}

void double_all(const QueueProxy<int>& tasks, const QueueProxy<std::string>& results) {
    while (const int task = tasks.get()) results.put(std::to_string(2 * task));
}

TEST_F(ManagerTest, queues_hand_over_items_and_wait) {
    const Manager m;
    const auto tasks = m.Queue<int>(2);
    const auto results = m.Queue<std::string>();
    EXPECT_THROW(tasks.get_nowait(), Empty);
    EXPECT_THROW(tasks.get(1ms), Empty);
    Process worker(double_all, tasks, results);
    worker.start();
    for (int i = 1; i <= 10; ++i) tasks.put(i);
    tasks.put(0);
    for (int i = 1; i <= 10; ++i) EXPECT_EQ(results.get(), std::to_string(2 * i));
    worker.join();
    EXPECT_TRUE(tasks.empty());
    tasks.put(1);
    tasks.put(2);
    EXPECT_TRUE(tasks.full());
    EXPECT_THROW(tasks.put(3, 1ms), Full);
    EXPECT_FALSE(tasks.try_put(3));
    EXPECT_EQ(tasks.try_get(), 1);
}

TEST_F(ManagerTest, a_queue_is_joined_when_all_items_are_done) {
    const Manager m;
    const auto queue = m.JoinableQueue<int>();
    queue.put(1);
    queue.put(2);
    std::thread worker([queue] {
        for (int i = 0; i < 2; ++i) {
            queue.get();
            queue.task_done();
        }
    });
    queue.join();
    worker.join();
    EXPECT_THROW(queue.task_done(), ValueError);
}

void add_often(const Counts& d, int times) {
    for (int i = 0; i < times; ++i) {
        d["numbers"] += 1;
        d.update_with("loops", [](int n) { return n + 1; });
    }
}

TEST_F(ManagerTest, compound_changes_of_several_processes_are_all_there) {
    const Manager m;
    for (const StartMethod method : kMethods) {
        const auto d = m.dict<std::string, int>({{"numbers", 0}, {"loops", 0}});
        std::vector<Process> children;
        for (int i = 0; i < 4; ++i) children.emplace_back(ProcessOptions{.start_method = method}, add_often, d, 50);
        for (Process& each : children) each.start();
        for (Process& each : children) {
            each.join();
            EXPECT_EQ(each.exitcode(), 0);
        }
        EXPECT_EQ(d.copy(), (std::map<std::string, int>{{"numbers", 200}, {"loops", 200}}));
    }
}

void append_pid(const ListProxy<int>& l) {
    l.append(static_cast<int>(*current_process().pid()));
}

TEST_F(ManagerTest, an_argument_lives_though_its_starter_forgets_it) {
    const Manager m;
    for (const StartMethod method : kMethods) {
        auto kept = m.list<ListProxy<int>>();
        auto given = m.list<int>();
        kept.append(given);
        Process child({.start_method = method}, append_pid, given);
        given = {};
        child.start();
        child.join();
        EXPECT_EQ(child.exitcode(), 0);
        EXPECT_EQ(kept.at(0).size(), 1U);
    }
}

TEST_F(ManagerTest, hundreds_of_processes_use_one_proxy) {
    const Manager m;
    const auto l = m.list<int>();
    std::vector<Process> children;
    for (int i = 0; i < 200; ++i) children.emplace_back(append_pid, l);
    for (Process& each : children) each.start();
    for (Process& each : children) each.join();
    const auto pids = l.copy();
    EXPECT_EQ(std::set<int>(pids.begin(), pids.end()).size(), 200U);
}

TEST_F(ManagerTest, proxies_nest_and_travel_in_messages) {
    const Manager m;
    const auto outer = m.dict<std::string, ListProxy<int>>();
    outer["l"] = m.list<int>({1});
    outer.at("l").append(2);
    EXPECT_EQ(outer.at("l").copy(), (std::vector<int>{1, 2}));
    Queue<ListProxy<int>> queue;
    queue.put(outer.at("l"));
    EXPECT_EQ(queue.get().size(), 2U);
    EXPECT_EQ(m.number_of_objects(), 2U);
}

TEST_F(ManagerTest, a_literal_is_text) {
    const Manager m;
    EXPECT_EQ(m.Value("text").get(), "text");
}

TEST_F(ManagerTest, what_is_taken_out_of_a_container_lives_on) {
    const Manager m;
    const auto l = m.list<ListProxy<int>>();
    for (int i = 0; i < 3; ++i) l.append(m.list<int>({i}));
    EXPECT_EQ(l.pop().copy(), (std::vector<int>{2}));
    const auto d = m.dict<std::string, ListProxy<int>>();
    d["a"] = m.list<int>({4});
    EXPECT_EQ(d.popitem().second.copy(), (std::vector<int>{4}));
    const auto q = m.Queue<std::vector<ListProxy<int>>>();
    q.put({m.list<int>({5}), m.list<int>({6})});
    const auto both = q.get();
    EXPECT_EQ(both.at(0).copy(), (std::vector<int>{5}));
    EXPECT_EQ(both.at(1).copy(), (std::vector<int>{6}));
    EXPECT_EQ(m.number_of_objects(), 7U);
    l.pop();
    EXPECT_EQ(m.number_of_objects(), 6U);
    l.call<void>("pop");  // nobody counts it
    EXPECT_EQ(m.number_of_objects(), 5U);
}

TEST_F(ManagerTest, a_waiting_client_gets_a_proxy_that_its_sender_forgets) {
    const Manager m;
    const auto q = m.Queue<ListProxy<int>>();
    for (int i = 0; i < 20; ++i) {
        std::thread sender([&] { q.put(m.list<int>({i})); });
        EXPECT_EQ(q.get().copy(), (std::vector<int>{i}));
        sender.join();
    }
    EXPECT_EQ(m.number_of_objects(), 1U);
}

TEST_F(ManagerTest, a_sum_that_the_type_does_not_hold_changes_nothing) {
    const Manager m;
    const auto bytes = m.dict<std::string, std::uint8_t>({{"n", 250}});
    EXPECT_THROW(bytes["n"] += 10, std::overflow_error);
    EXPECT_THROW(bytes["n"] -= 251, std::overflow_error);
    bytes["n"] += 5;
    EXPECT_EQ(bytes.at("n"), 255);
    const auto value = m.Value<std::uint8_t>(255);
    EXPECT_THROW(value.fetch_add(1), std::overflow_error);
    EXPECT_EQ(value.get(), 255);
    const auto counts = m.list<int>({std::numeric_limits<int>::max()});
    EXPECT_THROW(++counts[0], std::overflow_error);
    counts[0] -= 1.5;  // as C++ has it
    EXPECT_EQ(counts.at(0), std::numeric_limits<int>::max() - 2);
}

TEST_F(ManagerTest, a_product_or_quotient_that_the_type_does_not_hold_changes_nothing) {
    const Manager m;
    const auto d = m.dict<std::string, int>({{"most", std::numeric_limits<int>::max()}});
    EXPECT_THROW(d["most"] *= 2, std::overflow_error);
    EXPECT_THROW(d["most"] /= 0, std::domain_error);
    EXPECT_EQ(d.at("most"), std::numeric_limits<int>::max());
    d["least"] = std::numeric_limits<int>::min();
    EXPECT_THROW(d["least"] /= -1, std::overflow_error);
    EXPECT_THROW(d["least"] *= -1L, std::overflow_error);
    d["least"] /= -2;
    EXPECT_EQ(d.at("least"), 1 << 30);
    d["least"] /= 4U;
    EXPECT_EQ(d.at("least"), 1 << 28);
    const auto bytes = m.list<std::uint8_t>({200});
    EXPECT_THROW(bytes[0] *= 2, std::overflow_error);
    EXPECT_EQ(bytes.at(0), 200);
    const auto numbers = m.list<double>({1.0});
    numbers[0] /= 0;
    EXPECT_EQ(numbers.at(0), std::numeric_limits<double>::infinity());
}

TEST_F(ManagerTest, one_that_was_moved_from_says_so) {
    Manager from;
    const Manager m(std::move(from));
    EXPECT_FALSE(from.address());  // NOLINT(bugprone-use-after-move)
    EXPECT_THROW(from.shutdown(), ValueError);
    EXPECT_THROW(from.list<int>(), ValueError);
    EXPECT_TRUE(m.list<int>().empty());
    ManagerServer server = BaseManager().get_server();
    const ManagerServer other(std::move(server));
    EXPECT_FALSE(server.address());  // NOLINT(bugprone-use-after-move)
    EXPECT_THROW(server.serve_forever(), ValueError);
    server.stop();
    EXPECT_TRUE(other.address());
}

TEST_F(ManagerTest, objects_end_with_their_last_proxy) {
    const Manager m;
    {
        const auto d = m.dict<int, int>();
        const auto copy = d;
        const auto l = m.list<int>();
        EXPECT_EQ(m.number_of_objects(), 2U);
    }
    EXPECT_EQ(m.number_of_objects(), 0U);
}

void hold_and_wait(const Manager& m, const EventProxy& ready) {
    const auto d = m.dict<int, int>();
    ready.set();
    std::this_thread::sleep_for(1h);
}

TEST_F(ManagerTest, the_references_of_a_killed_process_are_dropped) {
    const Manager m;
    const auto ready = m.Event();
    Process child([&] { hold_and_wait(m, ready); });
    child.start();
    ASSERT_TRUE(ready.wait());
    EXPECT_EQ(m.number_of_objects(), 2U);
    child.kill();
    child.join();
    while (m.number_of_objects() != 1) std::this_thread::yield();
}

TEST_F(ManagerTest, errors_are_those_of_the_object) {
    const Manager m;
    const ObjectProxy d = m.dict<int, int>();
    EXPECT_THROW(d.call("no_such_method"), RemoteError);
    try {
        d.call("__getitem__", "k");
        FAIL();
    } catch (const KeyError& error) {
        EXPECT_STREQ(error.what(), "'k'");
    }
    EXPECT_THROW(ObjectProxy().call("x"), ValueError);
    const auto methods = d.methods();
    EXPECT_NE(std::ranges::find(methods, "popitem"), methods.end());
    EXPECT_EQ(d.type_id(), "dict");
}

TEST_F(ManagerTest, calls_after_the_end_of_the_server_throw) {
    Manager m;
    const auto d = m.dict<int, int>();
    d[1] = 2;
    m.shutdown();
    m.shutdown();
    EXPECT_TRUE(m.join());
    EXPECT_THROW(d.size(), std::exception);
    EXPECT_THROW(d.size(), std::system_error);
    EXPECT_THROW((m.dict<int, int>()), std::system_error);
}

struct Settable : BaseManager {
    using BaseManager::BaseManager;
};

int multiply(int a, int b) {
    return a * b;
}

TEST_F(ManagerTest, registered_callables_run_in_the_server) {
    Settable m({.authkey = "abc"});
    int base = 100;
    m.register_type("multiply", multiply);
    m.register_type("table", [base](const std::string& key) { return std::map<std::string, int>{{key, base}}; });
    m.register_type("pid", [] { return static_cast<int>(*current_process().pid()); });
    m.register_type("fail", [](int n) -> int { throw std::out_of_range("no " + std::to_string(n)); });
    EXPECT_THROW(m.call("multiply", 1, 2), ValueError);
    m.start();
    EXPECT_THROW(m.start(), ValueError);
    EXPECT_THROW(m.register_type("late", multiply), ValueError);  // the server would not know of it
    EXPECT_EQ(m.call<int>("multiply", 6, 7), 42);
    EXPECT_NE(m.call<int>("pid"), *current_process().pid());
    const auto table = m.call<Counts>("table", "x");
    table["x"] += 1;
    EXPECT_EQ(table["x"], 101);
    EXPECT_THROW(m.call("fail", 3), std::out_of_range);
    EXPECT_THROW(m.call("multiply", 3), TypeError);
    EXPECT_THROW(m.call("unknown"), RemoteError);

    BaseManager other({.address = m.address(), .authkey = "abc"});
    other.connect();
    EXPECT_EQ(other.call<int>("multiply", 2, 3), 6);
    EXPECT_THROW(other.shutdown(), ValueError);
    BaseManager wrong({.address = m.address(), .authkey = "xyz"});
    EXPECT_THROW(wrong.connect(), AuthenticationError);
}

TEST_F(ManagerTest, a_server_in_this_process_serves_until_it_is_stopped) {
    BaseManager m({.address = Address::tcp("127.0.0.1", 0), .authkey = "abc"});
    m.register_type("multiply", multiply);
    ManagerServer server = m.get_server();
    EXPECT_NE(server.address().port(), 0);
    std::thread serving([&] { server.serve_forever(); });
    std::thread using_it([&] {
        BaseManager client({.address = server.address(), .authkey = "abc"});
        client.connect();
        EXPECT_EQ(client.call<int>("multiply", 2, 3), 6);
    });
    using_it.join();
    server.stop();
    serving.join();
}

TEST_F(ManagerTest, an_address_in_use_is_told_by_start) {
    BaseManager m({.address = Address::tcp("127.0.0.1", 0)});
    m.start();
    BaseManager other({.address = m.address()});
    EXPECT_THROW(other.start(), std::system_error);
}

}  // namespace
