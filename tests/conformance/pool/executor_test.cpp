// SPDX-License-Identifier: MIT
// What CPython's test_concurrent_futures shows beyond what every pool does, for each start method: a Pool is the
// executor, and an AsyncResult the future.
#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>
#include <cohort/pool/as_completed.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/semaphore.hpp>
#include <cohort/sync/value.hpp>

#include "conformance/pool/pools.hpp"
#include "support/error_text.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

using Results = std::vector<AsyncResult<int>>;

int wait_and_square(const Event& event, int i) {
    event.wait();
    return square(i);
}

int fail(int i) {
    throw std::out_of_range("item " + std::to_string(i));
}

// --- ExecutorTest, ProcessPoolExecutorTest ---

class TestExecutor : public Pools {};
INSTANTIATE_TEST_SUITE_P(, TestExecutor, kEveryStartMethod, name_of);

TEST_P(TestExecutor, no_stale_references) {
    Pool pool(pool_of(1));
    auto argument = std::make_shared<int>(5);
    const std::weak_ptr<int> weak = argument;
    pool.submit([](const std::shared_ptr<int>& i) { return *i; }, std::move(argument));
    while (!weak.expired()) std::this_thread::yield();
}

TEST_P(TestExecutor, free_reference) {
    Pool pool(pool_of(2));
    auto results = pool.imap([](int i) { return std::make_shared<int>(i); }, range(10));
    for (int i = 0; i != 10; ++i) {
        auto result = results.next();
        EXPECT_EQ(**result, i);
        const std::weak_ptr<int> weak = *result;
        result.reset();
        EXPECT_TRUE(weak.expired()) << i;
    }
}

/// Says when a copy of it that has travelled is destroyed.
class Witness {
public:
    Witness() = default;
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;
    Witness(Witness&& other) noexcept : gone_(other.gone_), travelled_(std::exchange(other.travelled_, false)) {}
    Witness& operator=(Witness&&) = delete;
    ~Witness() {
        if (travelled_) gone_.set();
    }

    template <class Archive>
    void save(Archive& archive) const {
        archive(gone_);
    }
    template <class Archive>
    void load(Archive& archive) {
        archive(gone_);
        travelled_ = true;
    }
    Event gone() const { return gone_; }

private:
    Event gone_;
    bool travelled_ = false;
};

TEST_P(TestExecutor, ressources_gced_in_workers) {
    Pool pool(pool_of(1));
    Witness witness;
    const Event gone = witness.gone();
    const auto result = pool.submit([](const Witness&) {}, std::move(witness));
    result.get();
    EXPECT_TRUE(gone.wait());
}

TEST_P(TestExecutor, saturation) {
    Pool pool(pool_of(2));
    const Semaphore semaphore(0);
    std::vector<AsyncResult<void>> results;
    for (int i = 0; i != 30; ++i) results.push_back(pool.submit([](Semaphore s) { s.acquire(); }, semaphore));
    EXPECT_EQ(pool.worker_pids().size(), 2U);
    for (int i = 0; i != 30; ++i) Semaphore(semaphore).release();
    for (const auto& result : results) result.get();
}

TEST_P(TestExecutor, max_tasks_per_child) {
    Pool pool({.processes = 1, .maxtasksperchild = 3, .start_method = GetParam()});
    std::vector<pid_t> pids;
    for (int i = 0; i != 4; ++i) pids.push_back(pool.submit(::getpid).get());
    EXPECT_EQ(pids[0], pids[1]);
    EXPECT_EQ(pids[1], pids[2]);
    EXPECT_NE(pids[2], pids[3]);
    EXPECT_EQ(pool.worker_pids().size(), 1U);
}

// --- ExecutorShutdownTest, ProcessPoolShutdownTest ---

class TestExecutorShutdown : public Pools {};
INSTANTIATE_TEST_SUITE_P(, TestExecutorShutdown, kEveryStartMethod, name_of);

// There is no shutdown(cancel_futures=True): whoever wants it cancels what does not run yet.
TEST_P(TestExecutorShutdown, cancel_futures) {
    Pool pool(pool_of(2));
    Event go_on;
    const Mailbox begun = mailbox();
    const auto begin = [](const Mailbox& here, const Event& event, int i) {
        here.post("");
        return wait_and_square(event, i);
    };
    Results results;
    for (int i = 0; i != 50; ++i) results.push_back(pool.submit(begin, begun, go_on, i));
    begun.take();
    begun.take();
    pool.close();
    int cancelled = 0;
    for (const auto& result : results)
        if (!result.running() && result.cancel()) ++cancelled;
    EXPECT_EQ(cancelled, 48);
    go_on.set();
    pool.join();
    for (int i = 0; i != 50; ++i) {
        const auto& result = results[static_cast<std::size_t>(i)];
        if (!result.cancelled()) {
            EXPECT_EQ(result.get(), square(i));
        }
    }
}

// Python's exit waits for a running task of an executor that was shut down; a pool that is destroyed ends it.
TEST_P(TestExecutorShutdown, hang_gh83386) {
    const Event never;
    AsyncResult<int> result;
    {
        Pool pool(pool_of(3));
        result = pool.submit(wait_and_square, never, 1);
        pool.close();
    }
    EXPECT_THROW(result.get(), CancelledError);
}

TEST_P(TestExecutorShutdown, hang_gh94440) {
    Pool pool(pool_of(1));
    EXPECT_EQ(pool.submit(square, 1).get(), 1);
    pool.submit(square, 2).cancel();
    pool.close();
    EXPECT_TRUE(pool.join());
}

// A closed pool keeps its workers until join() or its end.
TEST_P(TestExecutorShutdown, shutdown_no_wait) {
    Pool pool(pool_of(3));
    const auto results = pool.map_async(square, range(10));
    pool.close();
    EXPECT_EQ(results.get().back(), 81);
}

// --- FutureTests ---

class TestFuture : public Pools {
protected:
    TestFuture() {
        running = pool.submit(
            [](const Mailbox& here, const Event& event) {
                here.post("");
                return wait_and_square(event, 1);
            },
            begun, go_on);
        begun.take();
        pending = pool.submit(square, 2);
        cancelled = pool.submit(square, 3);
        cancelled.cancel();
        Pool other(pool_of(1));
        failed = other.submit(fail, 4);
        successful = other.submit(square, 5);
        failed.wait();
        successful.wait();
    }
    Results all() const { return {pending, running, cancelled, failed, successful}; }

    template <class Member>
    std::vector<bool> of_all(Member member) const {
        std::vector<bool> answers;
        for (const auto& result : all()) answers.push_back((result.*member)());
        return answers;
    }

    const Mailbox begun = mailbox();
    Event go_on;
    Pool pool{pool_of(1)};
    AsyncResult<int> pending, running, cancelled, failed, successful;
};
INSTANTIATE_TEST_SUITE_P(, TestFuture, kEveryStartMethod, name_of);

TEST_P(TestFuture, states) {
    const std::vector<bool> is_running{false, true, false, false, false};
    const std::vector<bool> is_cancelled{false, false, true, false, false};
    const std::vector<bool> is_done{false, false, true, true, true};
    EXPECT_EQ(of_all(&AsyncResult<int>::running), is_running);
    EXPECT_EQ(of_all(&AsyncResult<int>::cancelled), is_cancelled);
    EXPECT_EQ(of_all(&AsyncResult<int>::ready), is_done);
}

TEST_P(TestFuture, cancel) {
    const std::vector<bool> can_be_cancelled{true, true, false, false, false};
    EXPECT_EQ(of_all(&AsyncResult<int>::cancel), can_be_cancelled);
    const std::vector<bool> is_cancelled{true, true, true, false, false};
    EXPECT_EQ(of_all(&AsyncResult<int>::cancelled), is_cancelled);
}

TEST_P(TestFuture, result_with_timeout) {
    EXPECT_THROW(pending.get(0s), TimeoutError);
    EXPECT_THROW(running.get(0s), TimeoutError);
    EXPECT_THROW(cancelled.get(0s), CancelledError);
    EXPECT_THROW(failed.get(0s), std::out_of_range);
    EXPECT_EQ(successful.get(0s), 25);
}

TEST_P(TestFuture, exception_with_timeout) {
    EXPECT_THROW(pending.exception(0s), TimeoutError);
    EXPECT_THROW(running.exception(0s), TimeoutError);
    EXPECT_THROW(cancelled.exception(0s), CancelledError);
    EXPECT_THROW(std::rethrow_exception(failed.exception(0s)), std::out_of_range);
    EXPECT_EQ(successful.exception(0s), nullptr);
}

TEST_P(TestFuture, result_with_success) {
    std::thread waiting([&] { EXPECT_EQ(running.get(), 1); });
    std::thread for_its_error([&] { EXPECT_EQ(pending.exception(), nullptr); });
    go_on.set();
    waiting.join();
    for_its_error.join();
}

TEST_P(TestFuture, result_with_cancel) {
    std::thread waiting([&] { EXPECT_THROW(running.get(), CancelledError); });
    EXPECT_TRUE(running.cancel());
    waiting.join();
}

TEST_P(TestFuture, done_callbacks) {
    std::string told;
    const auto tell = [&](const AsyncResult<int>& result) {
        told += result.cancelled() ? 'c' : result.exception() ? 'e' : 'v';
    };
    for (const auto& result : {successful, failed, cancelled}) result.add_done_callback(tell);  // at once, here
    EXPECT_EQ(told, "vec");
    const auto fails_later = pool.submit(fail, 1);
    for (const auto& result : {pending, fails_later}) result.add_done_callback(tell);
    running.add_done_callback(tell);
    running.cancel();
    pool.close();
    pool.join();
    EXPECT_EQ(told, "veccve");
}

TEST_P(TestFuture, done_callback_raises) {
    testing::internal::CaptureStderr();
    bool called = false;
    const auto raise = [](const AsyncResult<int>&) { throw std::runtime_error("doh!"); };
    running.add_done_callback(raise);
    running.add_done_callback([&](const AsyncResult<int>&) { called = true; });
    go_on.set();
    pool.close();
    pool.join();
    EXPECT_TRUE(called);
    successful.add_done_callback(raise);
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_NE(text.find("doh!"), text.rfind("doh!")) << text;
}

// --- WaitTests ---

class TestFutureWait : public TestFuture {
protected:
    /// Which of `results` are done when wait() returns, as their places.
    static std::vector<std::size_t> done_of(const Results& results, Timeout timeout, ReturnWhen when) {
        const auto [done, not_done] = cohort::wait(results, timeout, when);
        EXPECT_EQ(done.size() + not_done.size(), results.size());
        std::vector<std::size_t> places;
        for (std::size_t place = 0, next = 0; place != results.size() && next != done.size(); ++place)
            if (results[place].shared_call() == done[next].shared_call()) {
                places.push_back(place);
                ++next;
            }
        return places;
    }
    using Places = std::vector<std::size_t>;
};
INSTANTIATE_TEST_SUITE_P(, TestFutureWait, kEveryStartMethod, name_of);

TEST_P(TestFutureWait, 20369) {
    go_on.set();
    EXPECT_EQ(done_of({running, running}, forever, all_completed), (Places{0, 1}));
}

TEST_P(TestFutureWait, first_completed) {
    EXPECT_EQ(done_of({running, pending, successful}, forever, first_completed), Places{2});
    EXPECT_EQ(done_of({cancelled, successful, running}, forever, first_completed), (Places{0, 1}));
    Pool other(pool_of(1));
    EXPECT_EQ(done_of({running, other.submit(square, 6)}, forever, first_completed), Places{1});
}

TEST_P(TestFutureWait, first_exception) {
    Pool other(pool_of(1));
    EXPECT_EQ(done_of({successful, other.submit(fail, 1), running}, forever, first_exception), (Places{0, 1}));
    EXPECT_EQ(done_of({failed, running}, forever, first_exception), Places{0});
    EXPECT_EQ(done_of({successful, other.submit(square, 1)}, forever, first_exception), (Places{0, 1}));
}

TEST_P(TestFutureWait, all_completed) {
    Pool other(pool_of(1));
    EXPECT_EQ(done_of({successful, cancelled, failed, other.submit(fail, 1), other.submit(square, 2)}, forever,
                      all_completed),
              (Places{0, 1, 2, 3, 4}));
}

TEST_P(TestFutureWait, timeout) {
    EXPECT_EQ(done_of({cancelled, failed, successful, running}, 1ms, all_completed), (Places{0, 1, 2}));
}

// --- AsCompletedTests ---

class TestAsCompleted : public TestFuture {};
INSTANTIATE_TEST_SUITE_P(, TestAsCompleted, kEveryStartMethod, name_of);

TEST_P(TestAsCompleted, no_timeout) {
    go_on.set();
    int count = 0;
    for (const auto& result : as_completed(all())) count += result.ready() ? 1 : 0;
    EXPECT_EQ(count, 5);
}

TEST_P(TestAsCompleted, future_times_out) {
    for (const auto timeout : {0ms, 1ms}) {
        int count = 0;
        const auto read_all = [&] {
            for (const auto& result : as_completed(all(), timeout)) count += result.ready() ? 1 : 0;
        };
        EXPECT_EQ(error_text<TimeoutError>(read_all), "2 of 5 results are not there yet");
        EXPECT_EQ(count, 3);
    }
}

// In Python a future that is given twice comes once.
TEST_P(TestAsCompleted, duplicate_futures) {
    go_on.set();
    int count = 0;
    for (const auto& result : as_completed(Results(3, running))) count += result.get();
    EXPECT_EQ(count, 3);
}

TEST_P(TestAsCompleted, free_reference_yielded_future) {
    Pool other(pool_of(1));
    std::vector<AsyncResult<std::shared_ptr<int>>> results;
    for (int i = 0; i != 8; ++i) results.push_back(other.submit([](int k) { return std::make_shared<int>(k); }, i));
    auto completed = as_completed(std::exchange(results, {}));
    for (auto it = completed.begin(); it != completed.end(); ++it) {
        AsyncResult<std::shared_ptr<int>> result = std::move(*it);
        std::shared_ptr<int> value = result.get();
        const std::weak_ptr<int> weak = value;
        value.reset();
        result = {};
        while (!weak.expired()) std::this_thread::yield();  // the pool's thread may just be leaving the call
    }
}

}  // namespace
}  // namespace cohort::test
