// SPDX-License-Identifier: MIT
// The end of a pool in every state.
#include "chaos/pool_no_hang/no_hang.hpp"

#include <cohort/channel/queue.hpp>
#include <cohort/serial/partial.hpp>
#include <cohort/sync/event.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

namespace cohort::test {
namespace {

// Measured by these, so many tasks fill the ring that thousands of them wait in it.
constexpr int kWarmUp = 20'000;

int hang_from(const Event& never, const Mailbox& hangs, int first, int i) {
    if (i >= first) {
        hangs.post("");
        never.wait();
    }
    return i;
}

TEST_P(NoHang, terminate_with_full_task_ring) {
    Pool pool(pool_of(2));
    const Event never;
    const Mailbox hangs = mailbox();
    const auto results =
        pool.map_async(partial(hang_from, never, hangs, kWarmUp), range(2 * kWarmUp), {.chunksize = 1});
    hangs.take();
    hangs.take();
    EXPECT_FALSE(results.ready());
    pool.terminate();
    pool.join();
    EXPECT_THROW(results.get(), CancelledError);
}

// Nobody takes the results: workers wait for room.
TEST_P(NoHang, terminate_with_full_result_rings) {
    Pool pool(pool_of(2));
    const auto give = [](int) { return std::vector<char>(10'000); };
    auto results = pool.imap_unordered(give, range(100'000), {.buffersize = 100'000});
    EXPECT_TRUE(results.next());
    pool.terminate();
    pool.join();
    const auto read_all = [&] {
        while (results.next()) {
        }
    };
    EXPECT_THROW(read_all(), CancelledError);
}

TEST_P(NoHang, terminate_with_a_stopped_worker) {
    Pool pool(pool_of(2));
    const Mailbox ready = mailbox();
    const auto stuck = pool.apply_async(report_and_wait_for_a_signal, ready);
    const pid_t worker = std::stoi(ready.take());
    const auto done = pool.apply_async(square, 3);
    ASSERT_EQ(::kill(worker, SIGSTOP), 0);
    EXPECT_EQ(done.get(), 9);
    pool.terminate();
    pool.join();
    EXPECT_THROW(stuck.get(), CancelledError);
    EXPECT_FALSE(is_running(worker));
}

TEST_P(NoHang, terminate_during_start) {
    for (int round = 0; round != 10; ++round) {
        Pool pool(pool_of(4));
        const auto result = pool.apply_async(square, 3);
        if (round % 2 == 0) pool.worker_pids();
        pool.terminate();
        pool.join();
        // Either it was done already, or it is cancelled.
        if (result.successful())
            EXPECT_EQ(result.get(), 9);
        else
            EXPECT_THROW(result.get(), CancelledError);
    }
}

TEST_P(NoHang, destroyed_during_start) {
    for (int round = 0; round != 10; ++round) Pool{pool_of(4)};
}

TEST_P(NoHang, terminate_with_large_data) {
    const Mailbox ready = mailbox();
    auto wait = [](const std::vector<char>&, const Mailbox& started) { report_and_wait_for_a_signal(started); };
    Pool pool(pool_of(2));
    std::vector<std::pair<std::vector<char>, Mailbox>> inputs(8, std::pair(std::vector<char>(1'000'000), ready));
    std::thread caller([&] { EXPECT_THROW(pool.starmap(wait, inputs), CancelledError); });
    ready.take();
    pool.terminate();
    pool.join();
    caller.join();
}

// While large results are on their way.
TEST_P(NoHang, stop_with_large_data) {
    Pool pool(pool_of(2));
    const auto large = [](int i) { return std::vector<char>(4'000'000, static_cast<char>(i)); };
    std::vector<AsyncResult<std::vector<char>>> results;
    for (int i = 0; i != 20; ++i) results.push_back(pool.apply_async(large, i));
    EXPECT_EQ(results.front().get(), large(0));
    pool.terminate();
    pool.join();
    for (int i = 0; i != 20; ++i) {
        const auto& result = results[static_cast<std::size_t>(i)];
        if (result.successful())
            EXPECT_TRUE(result.get() == large(i));
        else
            EXPECT_THROW(result.get(), CancelledError);
    }
}

// What was submitted is done, however much of it waits.
TEST_P(NoHang, full_queue_at_shutdown) {
    Pool pool(pool_of(2));
    std::vector<AsyncResult<int>> results;
    for (int i = 0; i != 10'000; ++i) results.push_back(pool.apply_async(square, i));
    pool.close();
    pool.join();
    for (int i = 0; i != 10'000; ++i) {
        ASSERT_TRUE(results[static_cast<std::size_t>(i)].ready());
        ASSERT_EQ(results[static_cast<std::size_t>(i)].get(), square(i));
    }
}

// A worker that leaves hands over more than any pipe takes, and its parent reads it only when the pool has ended.
TEST_P(NoHang, exit_function_with_large_result) {
    const Queue<std::vector<char>> last_words;
    const auto register_exit_function = [](const Queue<std::vector<char>>& queue) {
        static const Queue<std::vector<char>>* words;
        words = new Queue(queue);  // there until the last exit function has run
        std::atexit([] {
            words->put(std::vector<char>(4'000'000, 'x'));
            delete words;
        });
    };
    Pool pool(pool_of(1));
    pool.apply(register_exit_function, last_words);
    pool.close();
    pool.join();
    EXPECT_TRUE(last_words.get() == std::vector<char>(4'000'000, 'x'));
}

}  // namespace
}  // namespace cohort::test
