// SPDX-License-Identifier: MIT
#include "manager/types/pool.hpp"
#include "calls.hpp"

#include "manager/workers.hpp"

#include <deque>
#include <functional>
#include <stdexcept>

namespace {

using namespace cohort;
using namespace cohort::manager;

/// Runs work when it is told to.
class TestWorkers final : public Workers {
public:
    void run(std::function<std::function<void()>()> work) override { waiting_.push_back(std::move(work)); }
    std::size_t size() const noexcept { return waiting_.size(); }
    /// Runs one; the last that came, where `last`.
    void run_one(bool last = false) {
        const auto work = last ? std::move(waiting_.back()) : std::move(waiting_.front());
        if (last)
            waiting_.pop_back();
        else
            waiting_.pop_front();
        work()();
    }
    void run_all() {
        while (!waiting_.empty()) run_one();
    }

private:
    std::deque<std::function<std::function<void()>()>> waiting_;
};

Object add(std::span<const Object> args, const Object&) {
    if (args[0].is_none()) throw std::out_of_range("nothing");
    std::int64_t sum = 0;
    for (const Object& each : args) sum += each.as_int();
    return sum;
}

class PoolReferentTest : public testing::Test {
protected:
    std::shared_ptr<Answered> begin(const char* method, std::vector<Object> args = {}) {
        return begin_call(pool_, method, std::move(args));
    }
    std::string call(const char* method, std::vector<Object> args = {}) {
        return text_of(*begin(method, std::move(args)));
    }
    /// What a call that gives a proxy refers to.
    std::shared_ptr<Referent> made(const char* method, std::vector<Object> args) {
        const auto answered = begin(method, std::move(args));
        EXPECT_EQ(text_of(*answered).substr(0, 8), "proxy of");
        return answered->answer->referent;
    }

    TestTimers timers_;
    TestWorkers workers_;
    PoolReferent pool_{timers_, std::make_shared<const Tasks>(Tasks{{"add", add}}),
                       TaskRunner::make(timers_, workers_, 2)};
};

const Object kNumbers = Object::list({1, 2, 3});
const Object kWrong = Object::list({1, Object(), Object()});

TEST_F(PoolReferentTest, applies_what_is_registered) {
    const auto waits = begin("apply", {"add", Object::tuple({2, 3})});
    EXPECT_EQ(text_of(*waits), "waits");
    workers_.run_all();
    EXPECT_EQ(text_of(*waits), "5");
    const auto fails = begin("apply", {"add", Object::tuple({Object()})});
    workers_.run_all();
    EXPECT_EQ(text_of(*fails), "IndexError: nothing");
    EXPECT_EQ(call("apply", {"none"}), "KeyError: 'none'");
    EXPECT_NE(call("apply", {Object::global("builtins", "print")}).find("is registered there"), std::string::npos);
    EXPECT_EQ(workers_.size(), 0U);
}

TEST_F(PoolReferentTest, maps_with_as_many_at_once_as_it_has) {
    const auto waits = begin("map", {"add", kNumbers});
    EXPECT_EQ(workers_.size(), 2U);
    workers_.run_one(true);
    workers_.run_all();
    EXPECT_EQ(text_of(*waits), "[1, 2, 3]");
    EXPECT_EQ(call("map", {"add", Object::list({})}), "[]");
    const auto fails = begin("map", {"add", kWrong, 5});
    workers_.run_one();
    workers_.run_one();
    EXPECT_EQ(text_of(*fails), "waits");
    workers_.run_all();
    EXPECT_EQ(text_of(*fails), "IndexError: nothing");
    const auto star = begin("starmap", {"add", Object::list({Object::tuple({1, 2}), Object::tuple({3})})});
    workers_.run_all();
    EXPECT_EQ(text_of(*star), "[3, 3]");
}

TEST_F(PoolReferentTest, gives_results_that_can_be_waited_for) {
    const auto result = made("map_async", {"add", kNumbers});
    EXPECT_EQ(manager::call(*result, "ready"), "False");
    EXPECT_EQ(manager::call(*result, "get", {0}), "multiprocessing.context.TimeoutError");
    EXPECT_EQ(manager::call(*result, "wait", {0}), "None");
    EXPECT_NE(manager::call(*result, "successful").find("not ready"), std::string::npos);
    const auto late = begin_call(*result, "get", {0.5});
    timers_.run_all();
    EXPECT_EQ(text_of(*late), "multiprocessing.context.TimeoutError");
    const auto gets = begin_call(*result, "get");
    const auto waits = begin_call(*result, "wait", {60});
    workers_.run_all();
    EXPECT_EQ(text_of(*gets) + text_of(*waits), "[1, 2, 3]None");
    EXPECT_EQ(manager::call(*result, "successful"), "True");
    const auto failed = made("apply_async", {"add", Object::tuple({Object()})});
    workers_.run_all();
    EXPECT_EQ(manager::call(*failed, "successful"), "False");
    EXPECT_EQ(manager::call(*failed, "get"), "IndexError: nothing");
    EXPECT_EQ(timers_.size(), 0U);
}

TEST_F(PoolReferentTest, gives_results_one_by_one) {
    const auto ordered = made("imap", {"add", kNumbers});
    const auto unordered = made("imap_unordered", {"add", kWrong, 2});
    const auto first = begin_call(*ordered, "__next__");
    workers_.run_one(true);
    EXPECT_EQ(text_of(*first), "waits");
    workers_.run_all();
    EXPECT_EQ(text_of(*first), "1");
    EXPECT_EQ(manager::call(*ordered, "__next__"), "2");
    EXPECT_EQ(manager::call(*ordered, "__next__"), "3");
    EXPECT_EQ(manager::call(*ordered, "__next__"), "StopIteration");
    EXPECT_EQ(manager::call(*ordered, "__next__"), "StopIteration");
    EXPECT_EQ(manager::call(*unordered, "__next__"), "1");
    EXPECT_EQ(manager::call(*unordered, "__next__"), "IndexError: nothing");
    EXPECT_EQ(call("imap", {"add", kNumbers, 0}), "ValueError: Chunksize must be 1+, not 0");
}

TEST_F(PoolReferentTest, is_closed_terminated_and_joined) {
    EXPECT_EQ(call("join"), "ValueError: Pool is still running");
    EXPECT_EQ(pool_.repr(), "<multiprocessing.pool.Pool state=RUN pool_size=2>");
    const auto waits = begin("map", {"add", kNumbers});
    EXPECT_EQ(call("close"), "None");
    EXPECT_EQ(call("apply", {"add"}), "ValueError: Pool not running");
    const auto joins = begin("join");
    workers_.run_one();
    EXPECT_EQ(text_of(*joins), "waits");
    EXPECT_EQ(call("terminate"), "None");
    workers_.run_all();
    EXPECT_EQ(text_of(*joins), "None");
    EXPECT_EQ(text_of(*waits), "[1, 2, 3]");
    EXPECT_EQ(call("join"), "None");
}

TEST_F(PoolReferentTest, what_has_not_begun_is_cancelled) {
    const auto result = made("map_async", {"add", kNumbers});
    call("terminate");
    workers_.run_all();
    EXPECT_EQ(manager::call(*result, "get"), "concurrent.futures._base.CancelledError");
    EXPECT_EQ(call("join"), "None");
}

TEST(PoolReferent, results_are_there_though_nobody_has_the_pool) {
    TestTimers timers;
    TestWorkers workers;
    auto pool = std::make_unique<PoolReferent>(timers, std::make_shared<const Tasks>(Tasks{{"add", add}}),
                                               TaskRunner::make(timers, workers, 1));
    const auto answered = begin_call(*pool, "map_async", {"add", kNumbers});
    pool.reset();
    workers.run_all();
    EXPECT_EQ(call(*answered->answer->referent, "get"), "[1, 2, 3]");
}

}  // namespace
