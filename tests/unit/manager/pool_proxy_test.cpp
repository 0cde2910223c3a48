// SPDX-License-Identifier: MIT
#include <cohort/manager/manager.hpp>

#include <cohort/base/errors.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

namespace {

using namespace cohort;
using namespace std::chrono_literals;

int square(int n) {
    if (n < 0) throw std::out_of_range("no " + std::to_string(n));
    return n * n;
}

/// A server with functions for its pools, and a pool of two.
class PoolProxyTest : public testing::Test {
protected:
    PoolProxyTest() {
        manager_.register_type("square", square);
        manager_.register_type("add", [](int a, int b) { return a + b; });
        manager_.register_type("wait_for", [](const EventProxy& event) { event.wait(); });
        manager_.start();
        pool_ = manager_.call<PoolProxy>("Pool", 2);
    }

    BaseManager manager_;
    PoolProxy pool_;
};

TEST_F(PoolProxyTest, calls_registered_functions) {
    EXPECT_EQ(pool_.apply<int>("square", 7), 49);
    EXPECT_EQ(pool_.apply<int>("add", 2, 3), 5);
    EXPECT_EQ(pool_.map<int>("square", std::vector{1, 2, 3}), (std::vector{1, 4, 9}));
    EXPECT_EQ(pool_.starmap<int>("add", std::vector<std::tuple<int, int>>{{1, 2}, {3, 4}}), (std::vector{3, 7}));
    EXPECT_THROW(pool_.apply("square", -1), std::out_of_range);
    EXPECT_THROW(pool_.map("square", std::vector{1, -1}), std::out_of_range);
    EXPECT_THROW(pool_.apply("cube", 1), KeyError);
    EXPECT_THROW(manager_.call("Pool", 0), std::exception);
    const Manager without_functions;
    EXPECT_EQ(without_functions.Pool(3).str(), "<multiprocessing.pool.Pool state=RUN pool_size=3>");
    EXPECT_THROW(without_functions.Pool().apply("square", 1), KeyError);
}

TEST_F(PoolProxyTest, gives_results_later) {
    const auto result = pool_.map_async<int>("square", std::vector{1, 2, 3});
    EXPECT_EQ(result.get(), (std::vector{1, 4, 9}));
    EXPECT_TRUE(result.ready() && result.successful());
    EXPECT_EQ(pool_.apply_async<int>("add", 1, 2).get(), 3);
    const auto failed = pool_.apply_async<int>("square", -1);
    failed.wait();
    EXPECT_FALSE(failed.successful());
    EXPECT_THROW(failed.get(), std::out_of_range);
    std::vector<int> ordered;
    for (const int each : pool_.imap<int>("square", std::vector{1, 2, 3})) ordered.push_back(each);
    EXPECT_EQ(ordered, (std::vector{1, 4, 9}));
    std::set<int> any;
    for (const int each : pool_.imap_unordered<int>("square", std::vector{1, 2, 3})) any.insert(each);
    EXPECT_EQ(any, (std::set{1, 4, 9}));
}

TEST_F(PoolProxyTest, a_task_may_use_the_server_that_runs_it) {
    const auto event = manager_.call<EventProxy>("Event");
    const auto waits = pool_.apply_async<Object>("wait_for", event);
    EXPECT_THROW(waits.get(1ms), TimeoutError);
    EXPECT_FALSE(waits.ready());
    event.set();
    EXPECT_TRUE(waits.get().is_none());
}

TEST_F(PoolProxyTest, is_closed_and_joined) {
    EXPECT_THROW(pool_.join(), ValueError);
    pool_.close();
    EXPECT_THROW(pool_.apply("square", 1), ValueError);
    pool_.join();
    pool_.terminate();
}

}  // namespace
