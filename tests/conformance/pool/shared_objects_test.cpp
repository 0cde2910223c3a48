// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/os/descriptor.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/serial/partial.hpp>
#include <cohort/sync/lock.hpp>
#include <cohort/sync/value.hpp>

#include "conformance/pool/pool_test.hpp"
#include "os/memfd_message.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using cohort::Descriptor;
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

std::string content_of(const Descriptor& file) {
    const auto bytes = cohort::os::memfd_content(file.get()).value();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Descriptor file_with(const std::string& text) {
    return cohort::os::memfd_with("test", std::as_bytes(std::span(text)));
}

TEST_P(PoolObjects, tasks_get_descriptors_and_connections) {
    Pool pool(options());
    auto [here, there] = cohort::Pipe();
    pool.apply([](cohort::Connection connection, const std::string& text) { connection.send(text + "!"); },
               std::move(there), "hello");
    EXPECT_EQ(here.recv<std::string>(), "hello!");
    EXPECT_THROW(here.recv<std::string>(), cohort::EofError);  // nobody keeps the other end

    std::vector<std::tuple<Descriptor, int>> calls;
    for (int i = 0; i != 20; ++i) calls.emplace_back(file_with(std::to_string(i)), i);
    const auto is_there = [](const Descriptor& file, int i) { return content_of(file) == std::to_string(i); };
    for (const bool found : pool.starmap(is_there, calls)) EXPECT_TRUE(found);

    const auto read = [](const Descriptor& file, int) { return content_of(file); };
    for (const std::string& text : pool.map(cohort::partial(read, file_with("for all")), cohort::range(20)))
        EXPECT_EQ(text, "for all");
}

TEST_P(PoolObjects, a_worker_keeps_no_descriptor) {
    Pool pool(options());
    auto [here, there] = cohort::Pipe();
    const auto send = [](const cohort::Connection& connection, int i) { connection.send(i); };
    pool.map(cohort::partial(send, std::move(there)), cohort::range(10));
    for (int i = 0; i != 10; ++i) here.recv<int>();
    EXPECT_THROW(here.recv<int>(), cohort::EofError);
}

TEST_P(PoolObjects, a_task_that_is_run_again_has_its_descriptors) {
    Pool pool(options());
    const auto read = [](const Descriptor& file, Value<int> runs) {
        if (runs.fetch_add(1) == 0) std::raise(SIGKILL);
        return content_of(file);
    };
    std::vector<std::tuple<Descriptor, Value<int>>> calls;
    for (int i = 0; i != 4; ++i) calls.emplace_back(file_with("again"), Value<int>());
    for (const std::string& text : pool.starmap(read, calls, {.retries = 1})) EXPECT_EQ(text, "again");
}

std::optional<Descriptor> given;

void keep(Descriptor file) {
    given = std::move(file);
}

TEST_P(PoolObjects, an_initializer_may_have_descriptors) {
    Pool pool(options(), keep, file_with("first"));
    for (const std::string& text : pool.map([](int) { return content_of(*given); }, cohort::range(8)))
        EXPECT_EQ(text, "first");
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
