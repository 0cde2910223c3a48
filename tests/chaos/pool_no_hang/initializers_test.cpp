// SPDX-License-Identifier: MIT
// Initializers that fail, hang or die: the pool is broken, goes on, or can be ended.
#include "chaos/pool_no_hang/no_hang.hpp"

#include <cohort/sync/value.hpp>

#include "support/error_text.hpp"

#include <unistd.h>

#include <csignal>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

TEST_P(NoHang, failing_initializer_breaks_the_pool) {
    auto initialize = [] { throw std::domain_error("not today"); };
    EXPECT_THROW(
        {
            Pool pool(pool_of(1), initialize);
            pool.apply(square, 1);
        },
        BrokenPoolError);
}

// Of several calls each gets the error, also those that are submitted when the pool is broken.
TEST_P(NoHang, dying_initializer_breaks_the_pool) {
    Pool pool(pool_of(2), [] { std::raise(SIGKILL); });
    std::vector<std::jthread> callers;
    for (int caller = 0; caller != 3; ++caller)
        callers.emplace_back([&] {
            const auto text = error_text<BrokenPoolError>([&] { pool.map(square, range(100)); });
            EXPECT_NE(text.find("SIGKILL"), std::string::npos) << text;
        });
    callers.clear();
    EXPECT_THROW(pool.apply(square, 1), BrokenPoolError);
    EXPECT_THROW(pool.apply_async(square, 1).get(), BrokenPoolError);
}

void fail_at_first(Value<int> starts) {
    switch (starts.fetch_add(1)) {
        case 0:
            throw std::domain_error("not yet");
        case 1:
            ::_exit(3);
        case 2:
            std::raise(SIGSEGV);
            break;
        default:
            break;
    }
}

TEST_P(NoHang, initializer_that_fails_at_first) {
    const Value<int> starts;
    Pool pool(pool_of(1), fail_at_first, starts);
    EXPECT_EQ(pool.map(square, {4, 5}), (std::vector{16, 25}));
    EXPECT_EQ(starts.value(), 4);
    expect_works(pool);
}

void report_and_hang(const Mailbox& started) {
    std::signal(SIGTERM, SIG_IGN);
    started.post("");
    for (;;) ::pause();
}

TEST_P(NoHang, terminate_ends_a_hanging_initializer) {
    const Mailbox started = mailbox();
    Pool pool(pool_of(2), report_and_hang, started);
    const auto one = pool.apply_async(square, 1);
    const auto many = pool.map_async(square, range(100));
    started.take();
    pool.terminate();
    pool.join();
    EXPECT_THROW(one.get(), CancelledError);
    EXPECT_THROW(many.get(), CancelledError);
}

TEST_P(NoHang, destructor_ends_a_hanging_initializer) {
    const Mailbox started = mailbox();
    std::optional<Pool> pool(std::in_place, pool_of(1), report_and_hang, started);
    const auto result = pool->apply_async(square, 1);
    started.take();
    pool.reset();
    EXPECT_THROW(result.get(), CancelledError);
}

}  // namespace
}  // namespace cohort::test
