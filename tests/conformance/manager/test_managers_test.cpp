// SPDX-License-Identifier: MIT
// What CPython's _TestManagerRestart, TestManagerExceptions and TestInitializers.test_manager_initializer show, and the
// options and the life of a manager.
#include <cohort/base/errors.hpp>
#include <cohort/process/current_process.hpp>

#include "conformance/manager/families.hpp"

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

class TestManagerRestart : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, TestManagerRestart, kEveryStartMethod, name_of);
class TestManagerExceptions : public ManagerAt {};
INSTANTIATE_TEST_SUITE_P(, TestManagerExceptions, kEveryFamily, name_of_family);
class TestInitializers : public ProcessTest {};
class Managers : public ProcessTest {};

void put_hello(const Address& address, const std::string& authkey, const QueueProxy<std::string>& queue) {
    BaseManager manager({.address = address, .authkey = authkey});
    manager.connect();
    queue.put("hello world");
}

TEST_P(TestManagerRestart, rapid_restart) {
    const std::string authkey = "a key";
    Address address = Address::tcp("127.0.0.1", 0);
    for (int i = 0; i < 3; ++i) {
        Manager manager({.address = address, .authkey = authkey});
        address = manager.address();
        const auto queue = manager.Queue<std::string>();
        EXPECT_EQ(run(put_hello, address, authkey, queue), 0);
        EXPECT_EQ(queue.get(), "hello world");
        manager.shutdown();
    }
}

TEST_P(TestManagerExceptions, queue_get) {
    const auto queue = m.Queue<int>();
    EXPECT_THROW(queue.get_nowait(), Empty);
    EXPECT_THROW(queue.get(1ms), Empty);
    try {
        queue.get(false);
        FAIL();
    } catch (const Empty& error) {
        EXPECT_THROW(std::rethrow_if_nested(error), RemoteError);
    }
}

TEST_F(TestInitializers, manager_initializer) {
    const Manager outer;
    const auto ns = outer.Namespace(kw("test", 0));
    BaseManager m({.initializer = [ns] { ns.set("test", ns.get<int>("test") + 1); }});
    m.start();
    EXPECT_EQ(ns.get<int>("test"), 1);
    m.shutdown();
    EXPECT_TRUE(m.join());
    BaseManager fails({.initializer = [] { throw KeyError("no start"); }});
    EXPECT_THROW(fails.start(), KeyError);
}

TEST_F(Managers, start_is_for_once) {
    BaseManager m;
    m.start();
    EXPECT_THROW(m.start(), ValueError);
    EXPECT_THROW(m.connect(), ValueError);
    EXPECT_THROW(m.get_server(), ValueError);
    BaseManager other({.address = m.address()});
    other.connect();
    EXPECT_THROW(other.start(), ValueError);
}

TEST_F(Managers, options_choose_address_key_and_process) {
    for (const StartMethod method : {StartMethod::fork, StartMethod::spawn, StartMethod::forkserver}) {
        const std::string path = file("socket-" + std::string(to_string(method)));
        Manager m({.address = Address::unix(path), .authkey = "its own", .start_method = method});
        EXPECT_EQ(m.address().path(), path);
        EXPECT_THROW(BaseManager({.address = m.address(), .authkey = "another"}).connect(), AuthenticationError);
        BaseManager client({.address = m.address(), .authkey = "its own"});
        client.connect();
        EXPECT_EQ((client.call<std::vector<int>>("list", std::vector<int>{1, 2})), (std::vector<int>{1, 2}));
    }
}

TEST_F(Managers, a_server_that_does_not_end_is_ended_by_force) {
    Manager m({.shutdown_timeout = 10ms});
    const pid_t server = active_children().at(0).pid;
    ::kill(server, SIGSTOP);
    m.shutdown();
    EXPECT_TRUE(m.join());
    EXPECT_TRUE(active_children().empty());
}

TEST_F(Managers, the_server_ignores_what_ctrl_c_sends) {
    const Manager m;
    ::kill(active_children().at(0).pid, SIGINT);
    EXPECT_EQ(m.list<int>({1}).size(), 1U);
}

TEST_F(Managers, the_end_of_its_life_shuts_it_down) {
    std::optional<Manager> m(std::in_place);
    const auto l = m->list<int>({1});
    std::vector<Manager> moved;
    moved.push_back(std::move(*m));
    m.reset();
    EXPECT_EQ(l.size(), 1U);
    moved.clear();
    EXPECT_TRUE(active_children().empty());
    EXPECT_ANY_THROW(l.size());
}

}  // namespace
}  // namespace cohort::test
