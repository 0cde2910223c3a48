// SPDX-License-Identifier: MIT
// The suite against hanging: whatever fails on the way of a task or of its result, the call ends and the pool goes on.
#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>

#include "conformance/pool/pools.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

class NoHang : public Pools {
protected:
    /// The pool still works, and ends as it should.
    static void expect_works(Pool& pool) {
        EXPECT_EQ(pool.map(square, {1, 2, 3}), (std::vector{1, 4, 9}));
        pool.close();
        pool.join();
    }
};
INSTANTIATE_TEST_SUITE_P(, NoHang, kEveryStartMethod, name_of);

enum class Failure { none, error, exit, crash };

void fail(Failure failure) {
    if (failure == Failure::error) throw std::domain_error("as wanted");
    if (failure == Failure::exit) std::_Exit(5);
    if (failure == Failure::crash) std::raise(SIGSEGV);
}

/// A value whose codec fails.
template <bool Writing>
struct Failing {
    Failure failure = Failure::none;
    template <class Archive>
    void save(Archive& archive) const {
        if (Writing) fail(failure);
        archive(failure);
    }
    template <class Archive>
    void load(Archive& archive) {
        archive(failure);
        if (!Writing) fail(failure);
    }
};
using FailsWhenWritten = Failing<true>;
using FailsWhenRead = Failing<false>;

int take_written(const FailsWhenWritten&) {
    return 0;
}
int take_read(const FailsWhenRead&) {
    return 0;
}
FailsWhenWritten give_written(Failure failure) {
    return {failure};
}
FailsWhenRead give_read(Failure failure) {
    return {failure};
}

TEST_P(NoHang, error_in_task) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.apply(fail, Failure::error), std::domain_error);
    expect_works(pool);
}

TEST_P(NoHang, exit_in_task) {
    Pool pool(pool_of(2));
    try {
        pool.apply(fail, Failure::exit);
        ADD_FAILURE() << "no error";
    } catch (const WorkerLostError& lost) {
        EXPECT_EQ(lost.exitcode(), 5);
        EXPECT_EQ(lost.signal(), std::nullopt);
    }
    expect_works(pool);
}

TEST_P(NoHang, crash_in_task) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.apply(fail, Failure::crash), WorkerLostError);
    expect_works(pool);
}

TEST_P(NoHang, error_at_task_encoding) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.apply(take_written, FailsWhenWritten{Failure::error}), std::domain_error);
    EXPECT_THROW(pool.map(take_written, std::vector<FailsWhenWritten>{{}, {Failure::error}, {}}), std::domain_error);
    expect_works(pool);
}

TEST_P(NoHang, error_at_task_decoding) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.apply(take_read, FailsWhenRead{Failure::error}), std::domain_error);
    expect_works(pool);
}

TEST_P(NoHang, exit_at_task_decoding) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.apply(take_read, FailsWhenRead{Failure::exit}), WorkerLostError);
    expect_works(pool);
}

TEST_P(NoHang, crash_at_task_decoding) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.apply(take_read, FailsWhenRead{Failure::crash}), WorkerLostError);
    expect_works(pool);
}

TEST_P(NoHang, error_at_result_encoding) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.apply(give_written, Failure::error), std::domain_error);
    expect_works(pool);
}

TEST_P(NoHang, exit_at_result_encoding) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.apply(give_written, Failure::exit), WorkerLostError);
    expect_works(pool);
}

TEST_P(NoHang, crash_at_result_encoding) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.apply(give_written, Failure::crash), WorkerLostError);
    expect_works(pool);
}

TEST_P(NoHang, error_at_result_decoding) {
    Pool pool(pool_of(2));
    EXPECT_THROW(pool.apply(give_read, Failure::error), std::domain_error);
    EXPECT_THROW(pool.map(give_read, {Failure::none, Failure::error, Failure::none}), std::domain_error);
    expect_works(pool);
}

TEST_P(NoHang, shutdown_with_lost_task) {
    Pool pool(pool_of(2));
    const Mailbox ready = mailbox();
    std::thread caller([&] { EXPECT_THROW(pool.apply(report_and_wait_for_a_signal, ready), WorkerLostError); });
    const pid_t worker = std::stoi(ready.take());
    pool.close();
    ::kill(worker, SIGKILL);
    caller.join();
    pool.join();
}

std::vector<char> crash_with(std::vector<char> data, int at) {
    if (at == 1) std::raise(SIGKILL);
    return data;
}

TEST_P(NoHang, crash_with_large_data) {
    Pool pool(pool_of(2));
    std::vector<std::pair<std::vector<char>, int>> inputs;
    for (int i = 0; i < 4; ++i) inputs.emplace_back(std::vector<char>(4'000'000, static_cast<char>(i)), i);
    EXPECT_THROW(pool.starmap(crash_with, inputs), WorkerLostError);
    inputs[1].second = 5;
    const auto outputs = pool.starmap(crash_with, inputs);
    for (std::size_t i = 0; i < inputs.size(); ++i) EXPECT_EQ(outputs[i], inputs[i].first);
    expect_works(pool);
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

// While one thread waits for results and spins, others want to look at the pool: none of them may starve.
TEST_P(NoHang, other_threads_get_in_while_one_waits) {
    Pool pool(pool_of(1));
    std::atomic<bool> enough{false};
    std::thread caller([&] {
        while (!enough) EXPECT_EQ(pool.apply(square, 3), 9);
    });
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(pool.worker_pids().size(), 1U);
    enough = true;
    caller.join();
}

TEST_P(NoHang, killed_while_idle) {
    Pool pool(pool_of(3));
    for (const pid_t worker : pool.worker_pids()) {
        ::kill(worker, SIGKILL);
        wait_for_end(worker);
    }
    EXPECT_EQ(pool.map(square, {1, 2, 3}), (std::vector{1, 4, 9}));
    const auto workers = pool.worker_pids();
    expect_works(pool);
    for (const pid_t worker : workers) EXPECT_FALSE(is_running(worker));
}

TEST_P(NoHang, races_of_crashes) {
    Pool pool(pool_of(4));
    auto die_often = [](int i) {
        if (i % 5 == 0) std::raise(SIGKILL);
        return i;
    };
    EXPECT_THROW(pool.map(die_often, cohort::range(40), {.chunksize = 1}), WorkerLostError);
    expect_works(pool);
}

/// Calls that kill their worker, one after the other, while others are under way in further threads.
template <class Call>
void while_workers_die(Pool& pool, Call call) {
    std::atomic<bool> enough{false};
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 3; ++caller)
        callers.emplace_back([&] {
            while (!enough) call();
        });
    for (int i = 0; i < 10; ++i) EXPECT_THROW(pool.apply([] { std::raise(SIGKILL); }), WorkerLostError);
    enough = true;
}

TEST_P(NoHang, submit_while_worker_dies) {
    Pool pool(pool_of(2));
    while_workers_die(pool, [&] { EXPECT_EQ(pool.apply(square, 3), 9); });
    expect_works(pool);
}

TEST_P(NoHang, result_while_worker_dies) {
    Pool pool(pool_of(2));
    auto large = [](char fill) { return std::vector<char>(1'000'000, fill); };
    while_workers_die(pool, [&] { EXPECT_EQ(pool.map(large, {'a', 'b'}).back(), large('b')); });
    expect_works(pool);
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

TEST_P(NoHang, failing_initializer_breaks_the_pool) {
    auto initialize = [] { throw std::domain_error("not today"); };
    EXPECT_THROW(
        {
            Pool pool(pool_of(1), initialize);
            pool.apply(square, 1);
        },
        BrokenPoolError);
}

}  // namespace
}  // namespace cohort::test
