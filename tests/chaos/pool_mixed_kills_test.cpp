// SPDX-License-Identifier: MIT
// Workers are killed at random moments while several threads use their pool in every way: each task has one result or
// one error, never both and never two, and at the end all workers are there.
#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/serial/partial.hpp>
#include <cohort/sync/array.hpp>
#include <cohort/sync/barrier.hpp>
#include <cohort/sync/event.hpp>

#include "chaos/worker_killer.hpp"
#include "process/forkserver.hpp"
#include "support/counts.hpp"
#include "support/leak_check.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <iostream>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kSeed = 1'000;
constexpr std::size_t kWorkers = 4;
constexpr int kRound = 50;
constexpr std::size_t kMany = 1'000'000;

int work(int i) {
    volatile int sum = 0;
    for (int k = 0; k != 20'000; ++k) sum = sum + k;
    return 2 * i;
}

/// Counts how often an item was run.
int work_counted(const RawArray<int>& runs, int i) {
    std::atomic_ref<int>(runs[static_cast<std::size_t>(i)]).fetch_add(1);
    return work(i);
}

void hang(const Event& never) {
    never.wait();
}

std::size_t at(int i) {
    return static_cast<std::size_t>(i);
}

/// What became of a task, as one letter: v(alue), l(ost), c(ancelled), t(imeout).
template <class Call>
char outcome_of(int i, const Call& call) {
    try {
        EXPECT_EQ(call(), 2 * i);
        return 'v';
    } catch (const WorkerLostError&) {
        return 'l';
    } catch (const CancelledError&) {
        return 'c';
    } catch (const TimeoutError&) {
        return 't';
    }
}

/// The threads that use the pool, and who counts what they have got.
class MixedLoad {
public:
    explicit MixedLoad(Pool& pool) : pool_(pool) {}

    /// Uses the pool from several threads until so many of its workers have been killed.
    void run(std::size_t kills) {
        const WorkerKiller killer(pool_, kills, kSeed, [this] { wait_for_progress(); });
        std::vector<std::jthread> threads;
        for (void (MixedLoad::*round)() : {&MixedLoad::with_callbacks, &MixedLoad::map, &MixedLoad::map_in_chunks,
                                           &MixedLoad::imap, &MixedLoad::imap_unordered, &MixedLoad::with_cancels,
                                           &MixedLoad::with_timeouts, &MixedLoad::with_retries})
            threads.emplace_back([this, &killer, round] {
                do (this->*round)();
                while (killer.is_busy());
                done_with(1);
            });
    }

private:
    // Five workers that are killed at their start, one after the other with nothing done in between, break the pool.
    void wait_for_progress() {
        done_.wait(seen_);
        seen_ = done_.load();
    }
    void done_with(int tasks) {
        done_.fetch_add(tasks);
        done_.notify_all();
    }

    void with_callbacks() {
        const RawArray<int> runs(kRound);
        std::vector<int> values(kRound), errors(kRound);  // without a lock: callbacks are called one at a time
        std::vector<AsyncResult<int>> results;
        for (int i = 0; i != kRound; ++i)
            results.push_back(pool_.apply_async(work_counted, args(runs, i),
                                                {.callback = [&values, i](int) { ++values[at(i)]; },
                                                 .error_callback = [&errors, i](auto) { ++errors[at(i)]; }}));
        for (int i = 0; i != kRound; ++i) {
            const char outcome = outcome_of(i, [&] { return results[at(i)].get(); });
            EXPECT_NE(std::string("vl").find(outcome), std::string::npos) << outcome;
            EXPECT_EQ(values[at(i)], outcome == 'v' ? 1 : 0);
            EXPECT_EQ(errors[at(i)], outcome == 'v' ? 0 : 1);
            EXPECT_LE(runs[at(i)], 1);
            EXPECT_TRUE(runs[at(i)] == 1 || outcome == 'l');
        }
        done_with(kRound);
    }

    void map() { map_with(1); }
    void map_in_chunks() { map_with(7); }
    void map_with(std::size_t chunksize) {
        const RawArray<int> runs(kRound);
        const auto outcomes = pool_.map(partial(work_counted, runs), range(kRound), collect, {.chunksize = chunksize});
        ASSERT_EQ(outcomes.size(), at(kRound));
        for (int i = 0; i != kRound; ++i) {
            const char outcome = outcome_of(i, [&] { return outcomes[at(i)].value(); });
            EXPECT_TRUE(outcome == 'v' ? runs[at(i)] == 1 : outcome == 'l' && runs[at(i)] <= 1) << outcome;
        }
        done_with(kRound);
    }

    void imap() {
        int next = 0;
        for (const int result : pool_.imap(work, range(kRound), {.chunksize = 3, .retries = kMany}))
            EXPECT_EQ(result, 2 * next++);
        EXPECT_EQ(next, kRound);
        done_with(kRound);
    }

    void imap_unordered() {
        auto results = pool_.imap_unordered(work, range(kRound), {.chunksize = 2});
        std::set<int> values;
        int lost = 0;
        for (bool more = true; more;) {
            try {
                const auto result = results.next();
                more = result.has_value();
                if (more) {
                    EXPECT_TRUE(values.insert(*result).second) << *result << " came twice";
                    EXPECT_TRUE(*result % 2 == 0 && *result >= 0 && *result < 2 * kRound) << *result;
                }
            } catch (const WorkerLostError&) {
                ++lost;
            }
        }
        EXPECT_EQ(static_cast<int>(values.size()) + lost, kRound);
        done_with(kRound);
    }

    void with_cancels() {
        std::vector<AsyncResult<int>> results;
        std::vector<bool> cancelled;
        for (int i = 0; i != kRound; ++i) results.push_back(pool_.apply_async(work, i));
        for (int i = 0; i != kRound; ++i) cancelled.push_back(i % 3 == 0 && results[at(i)].cancel());
        for (int i = 0; i != kRound; ++i) {
            const char outcome = outcome_of(i, [&] { return results[at(i)].get(); });
            EXPECT_TRUE(cancelled[at(i)] ? outcome == 'c' : outcome == 'v' || outcome == 'l') << outcome;
        }
        done_with(kRound);
    }

    void with_timeouts() {
        const Event never;
        const auto stuck = pool_.apply_async(hang, args(never), {.timeout = 20ms});
        const auto quick = pool_.map(work, range(kRound), collect, {.timeout = 1h});
        for (int i = 0; i != kRound; ++i) {
            const char outcome = outcome_of(i, [&] { return quick[at(i)].value(); });
            EXPECT_TRUE(outcome == 'v' || outcome == 'l') << outcome;
        }
        const char outcome = outcome_of(0, [&] {
            stuck.get();
            return 1;
        });
        EXPECT_TRUE(outcome == 't' || outcome == 'l') << outcome;
        done_with(kRound + 1);
    }

    void with_retries() {
        std::vector<AsyncResult<int>> results;
        for (int i = 0; i != kRound; ++i)
            results.push_back(pool_.apply_async(work, args(i), {.retries = kMany, .priority = i % 3}));
        for (int i = 0; i != kRound; ++i) EXPECT_EQ(results[at(i)].get(), 2 * i);
        const auto all = pool_.map_async(work, range(kRound), {.retries = kMany}).get();
        for (int i = 0; i != kRound; ++i) EXPECT_EQ(all.at(at(i)), 2 * i);
        done_with(2 * kRound);
    }

    Pool& pool_;
    std::atomic<long> done_{0};
    long seen_ = 0;
};

/// All workers are there, and each of them answers: they meet.
void expect_all_workers(Pool& pool) {
    const Barrier all(static_cast<std::ptrdiff_t>(kWorkers));
    const auto meet = [](Barrier barrier, int) {
        barrier.wait();
        return ::getpid();
    };
    std::vector<pid_t> answers = pool.map(partial(meet, all), range(static_cast<int>(kWorkers)), {.chunksize = 1});
    std::vector<pid_t> workers = pool.worker_pids();
    std::ranges::sort(answers);
    std::ranges::sort(workers);
    EXPECT_EQ(answers, workers);
    EXPECT_EQ(std::set<pid_t>(workers.begin(), workers.end()).size(), kWorkers);
}

class PoolMixedKills : public testing::TestWithParam<StartMethod> {
protected:
    void SetUp() override { after_each_test(&process::stop_forkserver); }
};
INSTANTIATE_TEST_SUITE_P(StartMethods, PoolMixedKills,
                         testing::Values(StartMethod::fork, StartMethod::forkserver, StartMethod::spawn),
                         [](const auto& method) { return std::string(to_string(method.param)); });

TEST_P(PoolMixedKills, every_task_has_one_outcome) {
    std::cout << "seed " << kSeed << '\n';
    Pool pool({.processes = kWorkers, .start_method = GetParam()});
    MixedLoad(pool).run(repetitions(1'000));
    expect_all_workers(pool);
    pool.close();
    pool.join();
}

}  // namespace
}  // namespace cohort::test
