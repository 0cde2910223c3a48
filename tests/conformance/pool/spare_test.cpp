// SPDX-License-Identifier: MIT
// The worker that a nursery keeps ready. It is seen by nobody before it is employed; these tests look for it among the
// children of the nursery.
#include "conformance/pool/pool_test.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/serial/partial.hpp>
#include <cohort/sync/value.hpp>

#include "support/process_list.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

class PoolSpares : public PoolTest {};
INSTANTIATE_POOL_TESTS(PoolSpares);

std::vector<pid_t> living_children_of(pid_t parent) {
    std::vector<pid_t> pids;
    for (const auto& process : cohort::test::descendants(parent))
        if (process.parent == parent && process.state != 'Z') pids.push_back(process.pid);
    return pids;
}

/// A pool and the children of its nursery that are none of its workers.
class Watched {
public:
    explicit Watched(cohort::PoolOptions options) : method_(*options.start_method), pool(std::move(options)) {
        nursery = pool.apply([] { return ::getppid(); });
    }
    template <class Initializer>
    Watched(cohort::PoolOptions options, Initializer initializer)
        : method_(*options.start_method), pool(std::move(options), std::move(initializer)) {
        nursery = pool.apply([] { return ::getppid(); });
    }

    std::vector<pid_t> idlers() {
        std::vector<pid_t> pids = living_children_of(nursery);
        for (const pid_t worker : pool.worker_pids()) std::erase(pids, worker);
        return pids;
    }
    /// The spare, once it sleeps. Fresh images have none.
    std::optional<pid_t> spare() {
        if (method_ == cohort::StartMethod::spawn) return std::nullopt;
        for (;; std::this_thread::yield()) {
            const auto found = idlers();
            if (found.size() == 1 && sleeps(found[0])) return found[0];
        }
    }
    /// Until the spare is another one than that.
    std::optional<pid_t> spare_after(std::optional<pid_t> gone) {
        auto next = spare();
        while (next && next == gone) next = spare();
        return next;
    }

private:
    static bool sleeps(pid_t pid) {
        for (const auto& process : cohort::test::descendants(::getpid()))
            if (process.pid == pid) return process.state == 'S';
        return false;
    }
    const cohort::StartMethod method_;

public:
    cohort::Pool pool;
    pid_t nursery = 0;
};

void die() {
    ::raise(SIGKILL);
}
void count(const cohort::RawValue<int>& begun) {
    begun.fetch_add(1);
}
pid_t own_pid() {
    return ::getpid();
}

}  // namespace

TEST_P(PoolSpares, one_takes_the_place_of_a_dead_worker) {
    Watched watched(options(1));
    for (int i = 0; i != 3; ++i) {
        const auto spare = watched.spare();
        EXPECT_EQ(watched.pool.worker_pids().size(), 1u);
        EXPECT_THROW(watched.pool.apply(die), cohort::WorkerLostError);
        const pid_t next = watched.pool.apply(own_pid);
        if (spare) {
            EXPECT_EQ(next, *spare);
        }
        EXPECT_EQ(watched.pool.worker_pids(), std::vector{next});
        EXPECT_EQ(watched.pool.apply([] { return ::getppid(); }), watched.nursery);
    }
    EXPECT_EQ(watched.pool.stats().workers.at(0).restarts, 3u);
}

TEST_P(PoolSpares, it_has_begun_nothing) {
    const cohort::RawValue<int> begun(0);
    const cohort::PoolOptions one{
        .processes = 1, .start_method = GetParam(), .name = "ready", .env = {{"COHORT_TEST_SPARE", "employed"}}};
    Watched watched(one, cohort::partial(count, begun));
    const auto spare = watched.spare();
    EXPECT_EQ(begun.value(), 1);
    EXPECT_THROW(watched.pool.apply(die), cohort::WorkerLostError);
    EXPECT_EQ(watched.pool.apply([] { return std::string(::getenv("COHORT_TEST_SPARE")); }), "employed");
    EXPECT_EQ(begun.value(), 2);
    EXPECT_EQ(watched.pool.apply([] { return cohort::current_process().name(); }), "ready-2");
    if (spare) {
        EXPECT_EQ(watched.pool.worker_pids(), std::vector{*spare});
    }
}

TEST_P(PoolSpares, one_that_is_killed_while_it_waits_is_missed_by_nobody) {
    Watched watched(options(1));
    const auto spare = watched.spare();
    if (spare) ::kill(*spare, SIGKILL);
    const auto before = watched.pool.worker_pids();
    EXPECT_THROW(watched.pool.apply(die), cohort::WorkerLostError);
    EXPECT_NE(watched.pool.apply(own_pid), before[0]);
    watched.spare_after(spare);
    EXPECT_EQ(watched.pool.map([](int i) { return i; }, cohort::range(3)), (std::vector<int>{0, 1, 2}));
}

TEST_P(PoolSpares, one_that_is_killed_when_it_is_employed_is_replaced) {
    Watched watched(options(1));
    for (int i = 0; i != 10; ++i) {
        const auto spare = watched.spare();
        if (spare) {
            const auto result = watched.pool.apply_async(die);
            ::kill(*spare, SIGKILL);
            EXPECT_THROW(result.get(), cohort::WorkerLostError);
        }
        EXPECT_EQ(watched.pool.apply([] { return 5; }), 5);
    }
}

TEST_P(PoolSpares, a_burst_of_deaths_uses_one_after_the_other) {
    Watched watched(options(2));
    std::set<pid_t> pids;
    for (int i = 0; i != 30; ++i) {
        EXPECT_THROW(watched.pool.apply(die), cohort::WorkerLostError);
        pids.insert(watched.pool.apply(own_pid));
    }
    EXPECT_GE(pids.size(), 2u);
    EXPECT_EQ(watched.pool.worker_pids().size(), 2u);
    if (watched.spare()) {
        EXPECT_EQ(watched.idlers().size(), 1u);
    }
}

TEST_P(PoolSpares, they_are_used_when_the_pool_grows_and_kept_when_it_shrinks) {
    Watched watched(options(2));
    const auto spare = watched.spare();
    watched.pool.resize(4);
    const auto grown = watched.pool.worker_pids();
    EXPECT_EQ(grown.size(), 4u);
    if (spare) {
        EXPECT_NE(std::find(grown.begin(), grown.end(), *spare), grown.end());
    }
    watched.pool.resize(1);
    const auto next = watched.spare_after(spare);  // when the three have left
    if (next) {
        EXPECT_EQ(watched.idlers(), std::vector{*next});
    }
    EXPECT_EQ(watched.pool.apply([] { return 6; }), 6);
}

TEST_P(PoolSpares, the_end_of_the_pool_is_theirs) {
    for (const bool kind : {true, false}) {
        Watched watched(options(2));
        const auto spare = watched.spare();
        if (kind)
            watched.pool.close();
        else
            watched.pool.terminate();
        watched.pool.join();
        if (spare) {
            EXPECT_EQ(::kill(*spare, 0), -1);
        }
    }
    Watched(options(1)).spare();
}

TEST_P(PoolSpares, the_death_of_the_nursery_is_theirs) {
    Watched watched(options(1));
    const auto spare = watched.spare();
    ::kill(watched.nursery, SIGKILL);
    EXPECT_THROW(for (;;) watched.pool.apply(own_pid), cohort::BrokenPoolError);
    const auto lives = [&] {
        const auto all = cohort::test::descendants(::getpid());
        return std::any_of(all.begin(), all.end(),
                           [&](const auto& each) { return spare && each.pid == *spare && each.state != 'Z'; });
    };
    while (lives()) std::this_thread::yield();
}

TEST_P(PoolSpares, one_that_is_stopped_is_a_stopped_worker) {
    Watched watched(options(1));
    const auto spare = watched.spare();
    if (!spare) return;
    ::kill(*spare, SIGSTOP);
    EXPECT_THROW(watched.pool.apply(die), cohort::WorkerLostError);
    const auto waits = watched.pool.apply_async(own_pid);
    while (watched.spare_after(spare) == spare) std::this_thread::yield();  // the nursery makes the next one
    EXPECT_FALSE(waits.ready());
    ::kill(*spare, SIGCONT);
    EXPECT_EQ(waits.get(), *spare);
}

TEST_P(PoolSpares, a_signal_to_end_that_the_program_handles_does_not_hold_them_up) {
    const auto before = std::signal(SIGTERM, [](int) {});
    {
        Watched watched(options(1));
        watched.spare();
        watched.pool.close();
        watched.pool.join();
    }
    std::signal(SIGTERM, before);
}
