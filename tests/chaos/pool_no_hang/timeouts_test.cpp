// SPDX-License-Identifier: MIT
// Tasks that do not end by themselves: a timeout, cancel() or terminate() ends them, and them alone.
#include "chaos/pool_no_hang/no_hang.hpp"

#include <cohort/serial/partial.hpp>
#include <cohort/sync/event.hpp>

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>
#include <utility>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

void block_all_signals() {
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, nullptr);
}

/// Reacts to nothing but SIGKILL.
void block_all_signals_and_loop() {
    block_all_signals();
    for (;;) ::pause();
}

void report_and_loop(const Mailbox& started) {
    started.post("");
    block_all_signals_and_loop();
}

TEST_P(NoHang, timeout_of_a_task_that_blocks_all_signals) {
    Pool pool(pool_of(2));
    EXPECT_TRUE(only_error<TimeoutError>(
        outcomes_with<block_all_signals_and_loop>(pool, {.chunksize = 2, .timeout = 300ms, .retries = 3})));
    expect_works(pool);
}

TEST_P(NoHang, cancel_of_a_task_that_blocks_all_signals) {
    Pool pool(pool_of(2));
    const Mailbox started = mailbox();
    const auto stuck = pool.apply_async(report_and_loop, started);
    const auto other = pool.apply_async(square, 6);
    started.take();
    EXPECT_TRUE(stuck.cancel());
    EXPECT_THROW(stuck.get(), CancelledError);
    EXPECT_EQ(other.get(), 36);
    expect_works(pool);
}

TEST_P(NoHang, terminate_with_a_task_that_blocks_all_signals) {
    Pool pool(pool_of(2));
    const Mailbox started = mailbox();
    const auto stuck = pool.apply_async(report_and_loop, started);
    const auto done = pool.apply_async(square, 6);
    started.take();
    EXPECT_EQ(done.get(), 36);
    pool.terminate();
    pool.join();
    EXPECT_THROW(stuck.get(), CancelledError);
    EXPECT_EQ(done.get(), 36);
}

TEST_P(NoHang, worker_ignores_sigterm) {
    const Mailbox ready = mailbox();
    auto ignore = [](const Mailbox& started) {
        std::signal(SIGTERM, SIG_IGN);
        report_and_wait_for_a_signal(started);
    };
    Pool pool(pool_of(1));
    std::thread caller([&] { EXPECT_THROW(pool.apply(ignore, ready), CancelledError); });
    const pid_t worker = std::stoi(ready.take());
    pool.terminate();
    pool.join();
    EXPECT_FALSE(is_running(worker));
    caller.join();
}

// All items of a chunk hang: each of them is ended, and the rest of the map goes on.
TEST_P(NoHang, map_timeout_in_chunks) {
    Pool pool(pool_of(2));
    const Event never;
    const auto hang_below_four = [](const Event& event, int i) {
        if (i < 4) event.wait();
        return square(i);
    };
    const auto outcomes =
        pool.map(partial(hang_below_four, never), range(12), collect, {.chunksize = 4, .timeout = 300ms});
    for (int i = 0; i != 12; ++i) {
        const auto& outcome = outcomes.at(static_cast<std::size_t>(i));
        if (i < 4)
            EXPECT_TRUE(error_as<TimeoutError>(outcome.error())) << i;
        else
            EXPECT_EQ(outcome.value(), square(i));
    }
    expect_works(pool);
}

// The time in which a worker has no task is nobody's.
TEST_P(NoHang, timeout_while_idle) {
    Pool pool(pool_of(1));
    EXPECT_EQ(pool.apply_async(square, args(2), {.timeout = 1s}).get(), 4);
    const auto workers = pool.worker_pids();
    std::this_thread::sleep_for(1100ms);
    EXPECT_EQ(pool.apply_async(square, args(3), {.timeout = 1h}).get(), 9);
    EXPECT_EQ(pool.worker_pids(), workers);
    expect_works(pool);
}

std::vector<char> wait_with(const std::vector<char>& data, const Event& event) {
    event.wait();
    return data;
}

// Large arguments are on their way and large results come back while some of the calls are cancelled.
TEST_P(NoHang, cancel_with_large_data) {
    Pool pool(pool_of(2));
    Event go_on;
    const std::vector<char> data(2'000'000, 'x');
    std::vector<AsyncResult<std::vector<char>>> results;
    for (int i = 0; i != 12; ++i) results.push_back(pool.apply_async(wait_with, data, go_on));
    for (std::size_t i = 0; i != results.size(); i += 2) EXPECT_TRUE(results[i].cancel());
    go_on.set();
    for (std::size_t i = 0; i != results.size(); ++i) {
        if (i % 2 == 0)
            EXPECT_THROW(results[i].get(), CancelledError);
        else
            EXPECT_TRUE(results[i].get() == data);
    }
    expect_works(pool);
}

}  // namespace
}  // namespace cohort::test
