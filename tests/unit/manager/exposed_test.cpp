// SPDX-License-Identifier: MIT
#include <cohort/manager/exposed.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/channel/queue.hpp>
#include <cohort/manager/manager.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/process/process.hpp>
#include <cohort/sync/event.hpp>

#include "process/forkserver.hpp"
#include "support/error_text.hpp"
#include "unit/manager/use_as_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cohort;
using cohort::test::error_text;
using cohort::test::use_as_client;
using namespace std::chrono_literals;

/// Ends the forkserver, which else stays until the program ends.
class ExposedClasses : public testing::Test {
protected:
    void TearDown() override { process::stop_forkserver(); }
};

/// Has no lock: it needs none.
class Counter {
public:
    explicit Counter(int start = 0) : value_(start) {}
    int add(int n) {
        const int before = value_;
        std::this_thread::yield();
        value_ = before + n;
        return value_;
    }
    int add(int n, const std::string& reason) {
        reasons_.push_back(reason);
        return add(n);
    }
    int step(std::optional<int> by) { return add(by.value_or(1)); }
    int get() const noexcept { return value_; }
    const std::vector<std::string>& reasons() const { return reasons_; }
    std::string str() const { return "counter at " + std::to_string(value_); }
    void fail() { throw std::out_of_range("as told"); }
    std::string name = "none";
    const int limit = 100;

private:
    int value_ = 0;
    std::vector<std::string> reasons_;
};

exposed<Counter> exposed_counter() {
    return exposed<Counter>{}
        .constructor<int>({"start"})
        .method("add", static_cast<int (Counter::*)(int)>(&Counter::add), {"n"})
        .method("add_because", static_cast<int (Counter::*)(int, const std::string&)>(&Counter::add))
        .method("step", &Counter::step, {"by"})
        .method("get", &Counter::get)
        .method("reasons", &Counter::reasons)
        .method("name", &Counter::name)
        .method("fail", &Counter::fail)
        .method("double", [](Counter& counter) { return counter.add(counter.get()); })
        .method("__str__", &Counter::str)
        .method("#GETVALUE", &Counter::get)
        .attribute("name", &Counter::name)
        .attribute("limit", &Counter::limit);
}

TEST_F(ExposedClasses, clients_make_objects_and_call_methods) {
    BaseManager m;
    m.register_type("Counter", exposed_counter());
    m.start();
    const auto counter = m.call<ObjectProxy>("Counter", 5);
    EXPECT_EQ(counter.call<int>("add", 2), 7);
    EXPECT_EQ(counter.call<int>("add", kw("n", 3)), 10);
    EXPECT_EQ(counter.call<int>("add_because", 1, "reason"), 11);
    EXPECT_EQ(counter.call<std::vector<std::string>>("reasons"), (std::vector<std::string>{"reason"}));
    EXPECT_EQ(counter.call<int>("step"), 12);
    EXPECT_EQ(counter.call<int>("step", kw("by", 8)), 20);
    EXPECT_EQ(counter.call<int>("double"), 40);
    EXPECT_EQ(counter.call<int>("get"), 40);
    EXPECT_EQ(counter.value<int>(), 40);
    EXPECT_EQ(counter.str(), "counter at 40");
    EXPECT_EQ(counter.type_id(), "Counter");
    EXPECT_EQ(counter.methods(),
              (std::vector<std::string>{"add", "add_because", "step", "get", "reasons", "name", "fail", "double"}));
    EXPECT_EQ(m.call("Counter", kw("start", 3)).call<int>("get"), 3);
    EXPECT_EQ(m.number_of_objects(), 1U);
}

TEST_F(ExposedClasses, attributes_are_those_of_a_namespace) {
    BaseManager m;
    m.register_type("Counter", exposed_counter());
    m.start();
    const auto counter = m.call<NamespaceProxy>("Counter", 0);
    counter.set("name", "mine");
    EXPECT_EQ(counter.get<std::string>("name"), "mine");
    EXPECT_EQ(counter.call<std::string>("name"), "mine");
    EXPECT_EQ(counter.get<int>("limit"), 100);
    EXPECT_THROW(counter.set("limit", 1), AttributeError);
    EXPECT_THROW(counter.get("none"), AttributeError);
    EXPECT_THROW(counter.set("name", 1), TypeError);
}

TEST_F(ExposedClasses, what_is_wrong_is_told) {
    BaseManager m;
    m.register_type("Counter", exposed_counter());
    m.start();
    const auto counter = m.call("Counter", 1);
    EXPECT_THROW(counter.call("fail"), std::out_of_range);
    EXPECT_THROW(counter.call("none"), RemoteError);
    EXPECT_THROW(counter.call("add"), TypeError);
    EXPECT_THROW(counter.call("add", 1, 2), TypeError);
    EXPECT_THROW(counter.call("add", "text"), TypeError);
    EXPECT_THROW(counter.call("add", 1, kw("n", 2)), TypeError);
    EXPECT_THROW(counter.call("add", kw("m", 2)), TypeError);
    EXPECT_THROW(counter.call("get", kw("m", 2)), TypeError);
    EXPECT_EQ(error_text<TypeError>([&] { counter.call("get", 1); }), "get() takes 0 arguments but 1 was given");
    EXPECT_EQ(error_text<TypeError>([&] { m.call("Counter", 1, kw("m", 2)); }),
              "Counter() got an unexpected keyword argument 'm'");
    EXPECT_THROW(m.call("Counter", "text"), TypeError);
    EXPECT_THROW(exposed<Counter>{}.method("add", &Counter::step, {"a", "b"}), ValueError);
}

TEST_F(ExposedClasses, an_instance_of_the_program_is_shared) {
    const auto counter = std::make_shared<Counter>(1);
    BaseManager m({.authkey = "abc"});
    m.register_type(
        "the_counter", [counter] { return counter; }, exposed_counter());
    m.register_type("no_counter", []() -> std::shared_ptr<Counter> { return nullptr; });
    m.register_type("hidden", [] { return std::make_shared<std::mutex>(); });
    ManagerServer server = m.get_server();
    std::thread serving([&] { server.serve_forever(); });
    use_as_client(server, [&](const BaseManager& client) {
        const auto proxy = client.call("the_counter");
        EXPECT_EQ(client.call("the_counter"), proxy);
        proxy.call("add", 4);
        EXPECT_EQ(counter->get(), 5);
        EXPECT_EQ(client.call<std::optional<int>>("no_counter"), std::nullopt);
        EXPECT_THROW(client.call("hidden"), TypeError);
    });
    server.stop();
    serving.join();
}

TEST_F(ExposedClasses, calls_of_one_object_come_one_after_the_other) {
    BaseManager m;
    m.register_type("Counter", exposed_counter());
    m.start();
    const auto counter = m.call("Counter", 0);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([counter] {
            for (int n = 0; n < 50; ++n) counter.call("add", 1);
        });
    for (auto& each : threads) each.join();
    EXPECT_EQ(counter.call<int>("get"), 200);
}

class Gate {
public:
    void open() {
        const std::lock_guard guard(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void pass() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return open_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
};

TEST_F(ExposedClasses, calls_of_a_concurrent_class_run_at_once) {
    BaseManager m;
    m.register_type("Gate", exposed<Gate>{}.method("open", &Gate::open).method("pass", &Gate::pass).concurrent());
    m.start();
    const auto gate = m.call("Gate");
    std::thread passing([gate] { gate.call("pass"); });
    gate.call("open");
    passing.join();
}

/// Gives out objects that its clients share.
class Bank {
public:
    std::shared_ptr<Counter> account(const std::string& owner) {
        auto& account = accounts_[owner];
        if (!account) account = std::make_shared<Counter>(0);
        return account;
    }
    Queue<int> log() const { return log_; }

private:
    std::map<std::string, std::shared_ptr<Counter>> accounts_;
    Queue<int> log_;
};

TEST_F(ExposedClasses, methods_return_shared_objects) {
    BaseManager m;
    m.register_type("Counter", exposed_counter());
    m.register_type("Bank", exposed<Bank>{}.method("account", &Bank::account).method("log", &Bank::log));
    m.start();
    const auto bank = m.call("Bank");
    const auto account = bank.call<ObjectProxy>("account", "me");
    account.call("add", 7);
    EXPECT_EQ(bank.call<ObjectProxy>("account", "me"), account);
    EXPECT_EQ(account.type_id(), "Counter");
    EXPECT_EQ(bank.call<ObjectProxy>("account", "me").value<int>(), 7);
    EXPECT_EQ(m.number_of_objects(), 2U);
    bank.call<QueueProxy<int>>("log").put(5);
    EXPECT_EQ(bank.call<QueueProxy<int>>("log").get(), 5);
}

void die(const ObjectProxy& bank, const std::string& owner) {
    const auto account = bank.call<ObjectProxy>("account", owner);
    account.call("add", 1);
    current_process();
    std::abort();
}

TEST_F(ExposedClasses, the_references_of_killed_clients_are_dropped) {
    BaseManager m;
    m.register_type("Counter", exposed_counter());
    m.register_type("Bank", exposed<Bank>{}.method("account", &Bank::account));
    m.start();
    const auto bank = m.call("Bank");
    Process child(die, bank, "him");
    child.start();
    child.join();
    while (m.number_of_objects() != 1) std::this_thread::yield();
    EXPECT_EQ(bank.call<ObjectProxy>("account", "him").value<int>(), 1);
}

int twice(int n) {
    return 2 * n;
}

TEST_F(ExposedClasses, registrations_travel_with_every_start_method) {
    const Queue<int> queue;
    for (const StartMethod method : {StartMethod::fork, StartMethod::spawn, StartMethod::forkserver}) {
        BaseManager m({.start_method = method});
        int base = 100;
        m.register_type("twice", twice, {"n"});
        m.register_type("sum", [base](int n) { return base + n; });
        m.register_type("queue", partial([](const Queue<int>& shared) { return shared; }, queue));
        m.register_type("Counter", exposed_counter());
        m.start();
        EXPECT_EQ(m.call<int>("twice", kw("n", 4)), 8);
        EXPECT_EQ(m.call<int>("sum", 1), 101);
        const auto proxy = m.call<QueueProxy<int>>("queue");
        proxy.put(3);
        EXPECT_EQ(queue.get(), 3);
        const auto counter = m.call("Counter", 5);
        EXPECT_EQ(counter.call<int>("add", 2), 7);
        EXPECT_EQ(counter.call<int>("double"), 14);
        EXPECT_EQ(NamespaceProxy(counter).get<std::string>("name"), "none");
    }
}

TEST_F(ExposedClasses, what_cannot_travel_is_told_by_start) {
    const auto counter = std::make_shared<Counter>();
    BaseManager m({.start_method = StartMethod::spawn});
    m.register_type(
        "counter", [counter] { return counter; }, exposed_counter());
    EXPECT_THROW(m.start(), SerializationError);
    BaseManager with_initializer({.start_method = StartMethod::spawn, .initializer = [] {}});
    EXPECT_THROW(with_initializer.start(), SerializationError);
}

TEST_F(ExposedClasses, the_initializer_runs_in_the_server) {
    BaseManager failing({.initializer = [] { throw std::out_of_range("not today"); }});
    EXPECT_THROW(failing.start(), std::out_of_range);
    BaseManager ending({.initializer = [] { std::_Exit(3); }});
    try {
        ending.start();
        FAIL();
    } catch (const EofError& error) {
        EXPECT_STREQ(error.what(), "the manager's server has ended before it served, with exit code 3");
    }
    static int state = 0;
    BaseManager m({.initializer = [] { state = 42; }});
    m.register_type("state", [] { return state; });
    m.start();
    EXPECT_EQ(m.call<int>("state"), 42);
    EXPECT_EQ(state, 0);
    EXPECT_FALSE(m.join(1ms));
    m.shutdown();
    EXPECT_TRUE(m.join(1s));
}

}  // namespace
