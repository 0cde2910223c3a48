// SPDX-License-Identifier: MIT
// Callbacks that do what they may not be expected to do, while workers die.
#include "chaos/pool_no_hang/no_hang.hpp"

#include <csignal>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace cohort::test {
namespace {

void be_killed() {
    std::raise(SIGKILL);
}

TEST_P(NoHang, callback_submits_after_crash) {
    Pool pool(pool_of(2));
    std::vector<int> found;
    std::optional<AsyncResult<int>> inner;
    const auto submit_more = [&](const std::exception_ptr& error) {
        EXPECT_TRUE(error_as<WorkerLostError>(error));
        inner = pool.apply_async(square, args(5), {.callback = [&](int i) { found.push_back(i); }});
        EXPECT_EQ(pool.map(square, {1, 2}), (std::vector{1, 4}));
    };
    const auto lost = pool.apply_async(be_killed, args(), {.error_callback = submit_more});
    EXPECT_THROW(lost.get(), WorkerLostError);
    EXPECT_EQ(inner->get(), 25);
    expect_works(pool);
    EXPECT_EQ(found, std::vector{25});
}

TEST_P(NoHang, callbacks_throw_while_workers_die) {
    Pool pool(pool_of(2));
    testing::internal::CaptureStderr();
    int callbacks = 0;
    std::vector<AsyncResult<void>> lost;
    std::vector<AsyncResult<int>> done;
    for (int i = 0; i != 5; ++i) {
        lost.push_back(pool.apply_async(be_killed, args(), {.error_callback = [&](const std::exception_ptr& error) {
                                            ++callbacks;
                                            std::rethrow_exception(error);
                                        }}));
        done.push_back(pool.apply_async(square, args(i), {.callback = [&](int) {
                                            ++callbacks;
                                            throw std::domain_error("from a callback");
                                        }}));
    }
    for (const auto& result : lost) EXPECT_THROW(result.get(), WorkerLostError);
    for (int i = 0; i != 5; ++i) EXPECT_EQ(done[static_cast<std::size_t>(i)].get(), square(i));
    expect_works(pool);
    EXPECT_EQ(callbacks, 10);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("from a callback"), std::string::npos);
}

TEST_P(NoHang, callback_destroys_the_pool_after_crash) {
    auto pool = std::make_unique<Pool>(pool_of(2));
    const Mailbox started = mailbox();
    const auto stuck = pool->apply_async(report_and_wait_for_a_signal, started);
    started.take();
    const auto lost =
        pool->apply_async(be_killed, args(), {.error_callback = [&](const std::exception_ptr&) { pool.reset(); }});
    EXPECT_THROW(lost.get(), WorkerLostError);
    EXPECT_EQ(pool, nullptr);
    EXPECT_THROW(stuck.get(), CancelledError);
}

TEST_P(NoHang, callback_terminates_the_pool) {
    Pool pool(pool_of(2));
    const Mailbox started = mailbox();
    const auto stuck = pool.apply_async(report_and_wait_for_a_signal, started);
    started.take();
    const auto result = pool.apply_async(square, args(2), {.callback = [&](int) { pool.terminate(); }});
    EXPECT_EQ(result.get(), 4);
    EXPECT_THROW(stuck.get(), CancelledError);
    pool.join();
}

}  // namespace
}  // namespace cohort::test
