// SPDX-License-Identifier: MIT
// What CPython's TestSyncManagerTypes shows: an object made here, used in a process of every start method.
#include <cohort/base/errors.hpp>

#include "conformance/manager/families.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

class TestSyncManagerTypes : public ProcessTest, public testing::WithParamInterface<std::tuple<StartMethod, Family>> {
protected:
    static Family family() { return std::get<Family>(GetParam()); }
    Address address() const {
        return family() == Family::tcp    ? Address::tcp("127.0.0.1", 0)
               : family() == Family::path ? Address::unix(file("socket"))
                                          : Address();
    }
    template <class Worker, class Proxy>
    static void run_worker(Worker worker, const Proxy& object) {
        Process process({.start_method = std::get<StartMethod>(GetParam())}, worker, object);
        process.start();
        process.join();
        EXPECT_EQ(process.exitcode(), 0);
    }
    const Manager manager{{.address = address()}};
};

std::string name_of_both(const testing::TestParamInfo<std::tuple<StartMethod, Family>>& both) {
    const auto& [method, family] = both.param;
    return std::string(to_string(method)) + "_" + family_name(family);
}
INSTANTIATE_TEST_SUITE_P(, TestSyncManagerTypes, testing::Combine(kEveryStartMethod, kEveryFamily), name_of_both);

/// In a process: what does not hold ends it with an error.
void require(bool holds) {
    if (!holds) throw std::logic_error("it does not hold");
}

TEST_P(TestSyncManagerTypes, event) {
    const auto o = manager.Event();
    o.set();
    run_worker(
        +[](const EventProxy& object) {
            require(object.is_set());
            object.wait();
            object.clear();
            require(!object.wait(1ms));
        },
        o);
    EXPECT_FALSE(o.is_set());
    EXPECT_FALSE(o.wait(1ms));
}

void use_queue(const QueueProxy<int>& object) {
    require(object.qsize() == 2 && object.full() && !object.empty());
    require(object.get() == 5 && !object.empty());
    require(object.get() == 6 && object.empty());
}

TEST_P(TestSyncManagerTypes, queue) {
    const auto o = manager.Queue<int>(2);
    o.put(5);
    o.put(6);
    run_worker(use_queue, o);
    EXPECT_TRUE(o.empty());
    EXPECT_FALSE(o.full());
}

TEST_P(TestSyncManagerTypes, joinable_queue) {
    const auto o = manager.JoinableQueue<int>(2);
    o.put(5);
    o.put(6);
    run_worker(use_queue, o);
    EXPECT_TRUE(o.empty());
    o.task_done();
    o.task_done();
    o.join();
}

TEST_P(TestSyncManagerTypes, list) {
    const auto o = manager.list<int>();
    o.append(5);
    run_worker(
        +[](const ListProxy<int>& object) {
            require(object[0] == 5 && object.count(5) == 1 && object.index(5) == 0);
            object.sort();
            object.reverse();
            for (const int each : object) require(each == 5);
            require(object.size() == 1 && object.pop(0) == 5);
        },
        o);
    EXPECT_EQ(o.size(), 0U);
}

TEST_P(TestSyncManagerTypes, dict) {
    using Counts = DictProxy<std::string, int>;
    const auto o = manager.dict<std::string, int>();
    o["foo"] = 5;
    run_worker(
        +[](const Counts& object) {
            require(object.size() == 1 && object["foo"] == 5 && object.get("foo") == 5);
            require(object.items() == Counts::Items{{"foo", 5}});
            require(object.keys() == std::vector<std::string>{"foo"} && object.values() == std::vector<int>{5});
            require(object.copy() == std::map<std::string, int>{{"foo", 5}});
            require(object.popitem() == std::pair<std::string, int>("foo", 5));
        },
        o);
    EXPECT_EQ(o.size(), 0U);
}

TEST_P(TestSyncManagerTypes, set) {
    const auto o = manager.set<int>();
    o.update({5, 6, 7});
    run_worker(
        +[](const SetProxy<int>& object) {
            require(object.size() == 3 && object.contains(5) && !object.contains(8));
            object.add(8);
            object.discard(9);
            object.remove(5);
            require(object.copy() == std::set<int>{6, 7, 8});
            require(object.call<std::set<int>>("__and__", std::set<int>{7, 9}) == std::set<int>{7});
            object.clear();
        },
        o);
    EXPECT_TRUE(o.empty());
    EXPECT_THROW(o.remove(1), KeyError);
    EXPECT_THROW(o.pop(), KeyError);
}

TEST_P(TestSyncManagerTypes, set_init) {
    EXPECT_EQ(manager.set<int>({1, 2, 3}).copy(), (std::set<int>{1, 2, 3}));
    EXPECT_EQ(manager.call<SetProxy<std::string>>("set", "hello").copy(), (std::set<std::string>{"h", "e", "l", "o"}));
}

TEST_P(TestSyncManagerTypes, set_contain_all_method) {
    const auto names = manager.set<int>().methods();
    const std::set<std::string> known(names.begin(), names.end());
    for (const char* name : {"__and__",
                             "__contains__",
                             "__iand__",
                             "__ior__",
                             "__isub__",
                             "__iter__",
                             "__ixor__",
                             "__len__",
                             "__or__",
                             "__rand__",
                             "__ror__",
                             "__rsub__",
                             "__rxor__",
                             "__sub__",
                             "__xor__",
                             "__ge__",
                             "__gt__",
                             "__le__",
                             "__lt__",
                             "add",
                             "clear",
                             "copy",
                             "difference",
                             "discard",
                             "difference_update",
                             "isdisjoint",
                             "intersection_update",
                             "intersection",
                             "issubset",
                             "issuperset",
                             "pop",
                             "remove",
                             "update",
                             "union",
                             "symmetric_difference_update",
                             "symmetric_difference"})
        EXPECT_TRUE(known.contains(name)) << name;
}

TEST_P(TestSyncManagerTypes, value) {
    const auto o = manager.Value<int>(1);
    run_worker(
        +[](const ValueProxy<int>& object) {
            require(object.value() == 1 && object.get() == 1);
            object.set(2);
        },
        o);
    EXPECT_EQ(o.value(), 2);
    EXPECT_EQ(o.get(), 2);
}

TEST_P(TestSyncManagerTypes, array) {
    const auto o = manager.Array<int>({0, 1});
    run_worker(
        +[](const ArrayProxy<int>& object) {
            require(object[0] == 0 && object[1] == 1 && object.size() == 2);
            require(std::vector<int>(object.begin(), object.end()) == std::vector<int>{0, 1});
            object[1] = 7;
        },
        o);
    EXPECT_EQ(o.slice(1), std::vector<int>{7});
    EXPECT_EQ(o.slice({}, {}, -1), (std::vector<int>{7, 0}));
}

TEST_P(TestSyncManagerTypes, namespace_attributes) {
    const auto o = manager.Namespace();
    o.set("x", 0);
    o.set("y", 1);
    run_worker(
        +[](const NamespaceProxy& object) { require(object.get<int>("x") == 0 && object.get<int>("y") == 1); }, o);
}

// Python's lock stays with the process that has ended, and is released here.
TEST_P(TestSyncManagerTypes, lock) {
    const auto o = manager.Lock();
    run_worker(
        +[](const LockProxy& object) { require(object.acquire()); }, o);
    EXPECT_TRUE(o.acquire());
    EXPECT_TRUE(o.abandoned());
    o.release();
    EXPECT_THROW(o.release(), std::runtime_error);
}

TEST_P(TestSyncManagerTypes, rlock) {
    const auto o = manager.RLock();
    run_worker(
        +[](const RLockProxy& object) {
            require(object.acquire());
            require(object.acquire());
            object.release();
            object.release();
        },
        o);
    EXPECT_TRUE(o.acquire());
    o.release();
}

void acquire_and_leave(const SemaphoreProxy& object) {
    require(object.acquire());
}

TEST_P(TestSyncManagerTypes, semaphore) {
    const auto o = manager.Semaphore();
    run_worker(acquire_and_leave, o);
    EXPECT_FALSE(o.acquire(false));
    o.release();
    EXPECT_TRUE(o.acquire());
}

TEST_P(TestSyncManagerTypes, bounded_semaphore) {
    const auto o = manager.BoundedSemaphore();
    run_worker(acquire_and_leave, o);
    o.release();
    EXPECT_THROW(o.release(), ValueError);
}

TEST_P(TestSyncManagerTypes, condition) {
    const auto o = manager.Condition();
    run_worker(
        +[](const ConditionProxy& object) {
            require(object.acquire());
            object.release();
        },
        o);
    EXPECT_TRUE(o.acquire());
    o.release();
}

TEST_P(TestSyncManagerTypes, barrier) {
    const auto o = manager.Barrier(5);
    run_worker(
        +[](const BarrierProxy& object) {
            require(object.parties() == 5);
            object.reset();
        },
        o);
    EXPECT_EQ(o.parties(), 5);
}

TEST_P(TestSyncManagerTypes, pool) {
    const auto o = manager.Pool(4);
    run_worker(
        +[](const PoolProxy& object) { object.terminate(); }, o);
    EXPECT_THROW(o.apply<int>("f"), std::exception);
}

}  // namespace
}  // namespace cohort::test
