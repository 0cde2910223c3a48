// SPDX-License-Identifier: MIT
#include <cohort/base/range.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/serial/partial.hpp>
#include <cohort/sync/lock.hpp>
#include <cohort/sync/value.hpp>

#include "conformance/pool/pool_test.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <optional>
#include <tuple>
#include <vector>

using cohort::Lock;
using cohort::Pool;
using cohort::Value;

namespace {

class PoolObjects : public PoolTest {};

void add(Value<long> sum, Lock lock, int n) {
    std::scoped_lock guard(lock);
    *sum += n;
}

TEST_P(PoolObjects, tasks_share_what_their_arguments_name) {
    Value<long> sum;
    Lock lock;
    Pool pool(options());
    std::vector<std::tuple<Value<long>, Lock, int>> calls;
    for (int i = 0; i != 200; ++i) calls.emplace_back(sum, lock, i);
    pool.starmap(add, calls);
    EXPECT_EQ(sum.value(), 199 * 200 / 2);
    pool.map(cohort::partial(add, sum, lock), cohort::range(10));
    EXPECT_EQ(sum.value(), 199 * 200 / 2 + 45);
}

TEST_P(PoolObjects, a_task_holds_what_its_caller_has_dropped) {
    Pool pool(options());
    EXPECT_EQ(pool.apply([](const Value<long>& value) { return value.value(); }, Value<long>(41)), 41);
    Value<long> sum;
    EXPECT_EQ(pool.apply([](const Value<long>& value) { return value.fetch_add(1); }, sum), 0);
    EXPECT_EQ(sum.value(), 1);
}

std::optional<Value<int>> counter;

void count_in(Value<int> value) {
    counter = value;
}

int count(int) {
    return counter->fetch_add(1);
}

TEST_P(PoolObjects, an_initializer_may_have_them) {
    Value<int> value;
    Pool pool(options(), count_in, value);
    pool.map(count, cohort::range(50));
    EXPECT_EQ(value.value(), 50);
}

INSTANTIATE_POOL_TESTS(PoolObjects);

}  // namespace
