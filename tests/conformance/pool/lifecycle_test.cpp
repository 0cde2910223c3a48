// SPDX-License-Identifier: MIT
#include "conformance/pool/every_pool.hpp"
#include "conformance/pool/pool_test.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/base/range.hpp>
#include <cohort/pool/thread_pool.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/process/process.hpp>

#include <cohort/serial/partial.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/semaphore.hpp>
#include <cohort/sync/value.hpp>

#include "os/fork.hpp"
#include "os/threads.hpp"
#include "support/leak_check.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

class PoolLifecycle : public PoolTest {};
INSTANTIATE_POOL_TESTS(PoolLifecycle);
class EveryPoolLifecycle : public EveryPoolTest {};
INSTANTIATE_EVERY_POOL(EveryPoolLifecycle);

thread_local int base = 0;  // of the only thread of a process, or of each

void set_base(int value) {
    base = value;
}
int add_base(int i) {
    return i + base;
}
int square(int i) {
    return i * i;
}
void fail_to_initialize(const std::string& why) {
    throw std::runtime_error(why);
}
pid_t own_pid() {
    return getpid();
}

template <class Call>
std::string error_of(Call&& call) {
    try {
        call();
    } catch (const cohort::ValueError& error) {
        return error.what();
    }
    return "no ValueError";
}

bool is_gone(pid_t pid) {
    return kill(pid, 0) != 0;
}

}  // namespace

POOL_TEST(EveryPoolLifecycle, a_pool_of_no_processes_is_refused) {
    for (const int processes : {0, -1})
        EXPECT_EQ(error_of([&] { Pool pool(processes); }), "Number of processes must be at least 1");
}

TEST_P(PoolLifecycle, has_as_many_workers_as_asked_for) {
    cohort::Pool pool(options(3));
    const auto pids = pool.worker_pids();
    EXPECT_EQ(std::set<pid_t>(pids.begin(), pids.end()).size(), 3u);
    for (const pid_t pid : pids) EXPECT_EQ(kill(pid, 0), 0);
    EXPECT_EQ(std::count(pids.begin(), pids.end(), pool.apply(own_pid)), 1);
}

TEST_P(PoolLifecycle, has_as_many_workers_as_processors) {
    cohort::Pool pool({.start_method = GetParam()});
    EXPECT_EQ(pool.worker_pids().size(), static_cast<std::size_t>(cohort::cpu_count()));
    EXPECT_EQ(cohort::Pool().worker_pids().size(), static_cast<std::size_t>(cohort::cpu_count()));
}

POOL_TEST(EveryPoolLifecycle, shows_itself_as_pythons_does) {
    Pool pool(options(2));
    std::ostringstream text;
    text << pool;
    pool.close();
    text << pool;
    pool.terminate();
    text << pool;
    const std::string name = are_threads<Pool> ? "<ThreadPool" : "<Pool";
    EXPECT_EQ(text.str(), name + " state=RUN pool_size=2>" + name + " state=CLOSE pool_size=2>" + name +
                              " state=TERMINATE pool_size=2>");
}

POOL_TEST(EveryPoolLifecycle, a_closed_pool_takes_no_tasks) {
    Pool pool(options());
    pool.close();
    pool.close();
    EXPECT_EQ(error_of([&] { pool.apply(square, 1); }), "Pool not running");
    EXPECT_EQ(error_of([&] { pool.map(square, {1}); }), "Pool not running");
    EXPECT_EQ(error_of([&] { pool.map(square, std::vector<int>()); }), "Pool not running");
    pool.join();
    EXPECT_EQ(error_of([&] { pool.apply(square, 1); }), "Pool not running");
    if constexpr (!are_threads<Pool>) {
        EXPECT_TRUE(pool.worker_pids().empty());
    }
}

POOL_TEST(EveryPoolLifecycle, null_pointers_to_functions_are_refused) {
    int (*none)(int) = nullptr;
    EXPECT_EQ(error_of([&] { Pool(options(), none, 1); }), "the function to call is a null pointer");
    Pool pool(options());
    EXPECT_EQ(error_of([&] { pool.apply(none, 1); }), "the function to call is a null pointer");
    EXPECT_EQ(error_of([&] { pool.map(none, {1, 2}); }), "the function to call is a null pointer");
    EXPECT_EQ(pool.apply(square, 3), 9);
}

TEST(PoolOptions, an_unknown_start_method_is_refused) {
    const auto none = static_cast<cohort::StartMethod>(9);
    EXPECT_EQ(error_of([&] { cohort::Pool({.processes = 1, .start_method = none}); }), "unknown start method");
}

POOL_TEST(EveryPoolLifecycle, a_running_pool_cannot_be_joined) {
    Pool pool(options());
    EXPECT_EQ(error_of([&] { pool.join(); }), "Pool is still running");
    EXPECT_EQ(pool.apply(square, 3), 9);
}

TEST_P(PoolLifecycle, join_waits_for_the_workers) {
    cohort::Pool pool(options());
    const auto pids = pool.worker_pids();
    pool.close();
    pool.join();
    for (const pid_t pid : pids) EXPECT_TRUE(is_gone(pid));
    pool.join();
}

POOL_TEST(EveryPoolLifecycle, terminate_ends_workers_and_calls) {
    Pool pool(options());
    std::vector<pid_t> pids;
    if constexpr (!are_threads<Pool>) pids = pool.worker_pids();
    const std::string fifo = cohort::test::temporary_folder() + "/running";
    ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
    cohort::Event go_on;
    const auto stay = [](const std::string& path, const cohort::Event& event, int) {
        std::ofstream here(path);
        event.wait();
    };
    std::thread caller([&] {
        EXPECT_THROW(pool.map(cohort::partial(stay, fifo, go_on), {1, 2, 3, 4}), cohort::CancelledError);
    });
    std::ifstream task_runs(fifo);
    pool.terminate();
    if constexpr (are_threads<Pool>) go_on.set();  // what runs is waited for
    caller.join();
    pool.join();
    for (const pid_t pid : pids) EXPECT_TRUE(is_gone(pid));
    pool.terminate();
    EXPECT_EQ(error_of([&] { pool.apply(square, 1); }), "Pool not running");
    std::filesystem::remove(fifo);
}

TEST_P(PoolLifecycle, terminate_ends_workers_that_do_not_want_to) {
    cohort::Pool pool(options(1));
    pid_t worker = pool.worker_pids().at(0);
    ASSERT_EQ(kill(worker, SIGSTOP), 0);
    pool.terminate();
    pool.join();
    EXPECT_TRUE(is_gone(worker));
}

TEST_P(PoolLifecycle, the_destructor_ends_the_workers) {
    std::vector<pid_t> pids;
    {
        cohort::Pool pool(options());
        pids = pool.worker_pids();
    }
    for (const pid_t pid : pids) EXPECT_TRUE(is_gone(pid));
}

POOL_TEST(EveryPoolLifecycle, can_be_moved) {
    Pool first(options(1));
    Pool second(std::move(first));
    EXPECT_EQ(second.apply(square, 4), 16);
    EXPECT_EQ(error_of([&] { first.apply(square, 4); }), "pool object was moved from");
    EXPECT_EQ(error_of([&] { first.close(); }), "pool object was moved from");
    std::ostringstream text;
    text << first;
    EXPECT_EQ(text.str(), are_threads<Pool> ? "<ThreadPool state=MOVED>" : "<Pool state=MOVED>");
    Pool third(options(1));
    if constexpr (are_threads<Pool>) {
        third = std::move(second);
    } else {
        const auto pids = second.worker_pids();
        third = std::move(second);
        EXPECT_EQ(third.worker_pids(), pids);
    }
    EXPECT_EQ(third.apply(square, 5), 25);
}

POOL_TEST(EveryPoolLifecycle, the_initializer_runs_in_each_worker) {
    Pool pool(options(3), set_base, 1000);
    EXPECT_EQ(pool.map(add_base, cohort::range(4)), (std::vector<int>{1000, 1001, 1002, 1003}));
    int offset = 5;
    Pool with_lambda(options(1), [offset] { base = offset; });
    EXPECT_EQ(with_lambda.apply(add_base, 1), 6);
}

POOL_TEST(EveryPoolLifecycle, an_initializer_that_always_fails_breaks_the_pool) {
    cohort::PoolOptions named = options();
    named.name = "unlucky";
    Pool pool(named, fail_to_initialize, "no disk");
    try {
        pool.map(square, {1, 2, 3});
        FAIL() << "nothing was thrown";
    } catch (const cohort::BrokenPoolError& error) {
        EXPECT_NE(std::string(error.what()).find("unlucky"), std::string::npos) << error.what();
        EXPECT_NE(std::string(error.what()).find("no disk"), std::string::npos) << error.what();
        EXPECT_THROW(std::rethrow_if_nested(error), std::runtime_error);
    }
    EXPECT_THROW(pool.apply(square, 1), cohort::BrokenPoolError);
    std::ostringstream text;
    text << pool;
    EXPECT_NE(text.str().find("state=BROKEN"), std::string::npos) << text.str();
    EXPECT_TRUE(pool.join());  // it need not be closed
    EXPECT_THROW(pool.apply(square, 1), cohort::BrokenPoolError);
}

TEST_P(PoolLifecycle, workers_that_always_die_at_their_start_break_the_pool) {
    cohort::Pool pool(options(), [] { _exit(3); });
    try {
        pool.apply(square, 1);
        FAIL() << "nothing was thrown";
    } catch (const cohort::BrokenPoolError& error) {
        EXPECT_NE(std::string(error.what()).find("exited with status 3"), std::string::npos) << error.what();
    }
}

TEST_P(PoolLifecycle, workers_are_replaced_after_their_share_of_tasks) {
    cohort::Pool pool({.processes = 2, .maxtasksperchild = 3, .start_method = GetParam()});
    std::map<pid_t, int> tasks;
    for (const pid_t pid : pool.map([](int) { return getpid(); }, cohort::range(30), {.chunksize = 1})) ++tasks[pid];
    EXPECT_GE(tasks.size(), 10u);
    for (const auto& [pid, count] : tasks) EXPECT_LE(count, 3);
    // A chunk counts as one task.
    cohort::Pool chunked({.processes = 1, .maxtasksperchild = 1, .start_method = GetParam()});
    const auto pids = chunked.map([](int) { return getpid(); }, cohort::range(6), {.chunksize = 3});
    EXPECT_EQ(pids[0], pids[2]);
    EXPECT_EQ(pids[3], pids[5]);
    EXPECT_NE(pids[0], pids[3]);
}

TEST_P(PoolLifecycle, workers_are_named_and_know_their_parent) {
    cohort::Pool pool(options(1));
    EXPECT_EQ(pool.apply([] { return cohort::current_process().name(); }), "PoolWorker-1");
    EXPECT_EQ(pool.apply([] { return cohort::parent_process()->pid(); }), getpid());
    cohort::Pool named({.processes = 1, .start_method = GetParam(), .name = "hash"});
    EXPECT_EQ(named.apply([] { return cohort::current_process().name(); }), "hash-1");
}

TEST_P(PoolLifecycle, workers_ignore_the_interrupt_key) {
    cohort::Pool pool(options(1));
    pool.apply([] { raise(SIGINT); });
    EXPECT_EQ(pool.apply(square, 2), 4);
}

POOL_TEST(EveryPoolLifecycle, several_pools_at_once) {
    Pool first(options());
    Pool second(options());
    EXPECT_EQ(first.apply(square, 2), 4);
    EXPECT_EQ(second.apply(square, 3), 9);
    first.close();
    first.join();
    EXPECT_EQ(second.apply(square, 4), 16);
}

POOL_TEST(EveryPoolLifecycle, a_pool_is_used_by_several_threads) {
    Pool pool(options());
    std::vector<std::thread> threads;
    for (int t = 0; t != 8; ++t)
        threads.emplace_back([&pool, t] {
            for (int round = 0; round != 20; ++round) {
                const auto results = pool.map([t](int i) { return t * 1000 + i; }, cohort::range(100));
                for (int i = 0; i != 100; ++i) ASSERT_EQ(results[static_cast<std::size_t>(i)], t * 1000 + i);
                ASSERT_EQ(pool.apply(square, t), t * t);
            }
        });
    for (auto& thread : threads) thread.join();
}

POOL_TEST(EveryPoolLifecycle, a_pool_is_made_by_a_thread_that_ends) {
    std::unique_ptr<Pool> pool;
    std::thread([&] { pool = std::make_unique<Pool>(options()); }).join();
    EXPECT_EQ(pool->map(square, {1, 2, 3}), (std::vector<int>{1, 4, 9}));
}

POOL_TEST(EveryPoolLifecycle, a_copy_of_the_pool_in_a_forked_process_is_refused) {
    Pool pool(options());
    const auto child = cohort::os::fork_process();
    if (child.in_child()) {
        int refused = 0;
        try {
            pool.apply(square, 1);
        } catch (const cohort::ValueError&) {
        } catch (const cohort::Error&) {
            ++refused;
        }
        try {
            pool.terminate();
        } catch (const cohort::Error&) {
            ++refused;
        }
        { Pool dropped(std::move(pool)); }
        _exit(refused);
    }
    EXPECT_EQ(child.process.wait(cohort::forever)->code(), 2);
    EXPECT_EQ(pool.apply(square, 3), 9);
}

// Others are asleep in the pool, or change it, at the moment of the fork.
POOL_TEST(EveryPoolLifecycle, a_copy_beside_threads_that_wait_goes_at_once) {
    Pool pool(options());
    cohort::Semaphore begun(0);
    cohort::Event go_on;
    const auto stay = [](cohort::Semaphore here, cohort::Event event) {
        here.release();
        event.wait();
    };
    std::vector<std::thread> callers;
    for (int i = 0; i != 2; ++i) callers.emplace_back([&] { pool.apply(stay, begun, go_on); });
    for (int i = 0; i != 2; ++i) begun.acquire();
    for (int i = 0; i != 5; ++i) {
        pool.stats();
        const auto child = cohort::os::fork_process();
        if (child.in_child()) {
            { Pool dropped(std::move(pool)); }
            _exit(0);
        }
        EXPECT_EQ(child.process.wait(cohort::forever)->code(), 0);
    }
    go_on.set();
    for (auto& caller : callers) caller.join();
    EXPECT_EQ(pool.apply(square, 3), 9);
}

/// Asks a pool for a result when it is let go of.
class Parting {
public:
    Parting() = default;
    Parting(cohort::Pool& pool, std::promise<int>& answer) : pool_(&pool), answer_(&answer) {}
    Parting(Parting&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), answer_(other.answer_) {}
    Parting& operator=(Parting&&) = delete;
    ~Parting() {
        if (pool_) answer_->set_value(pool_->apply(square, 3));
    }
    template <class Archive>
    void serialize(Archive& archive) {
        archive(number_);
    }

private:
    cohort::Pool* pool_ = nullptr;
    std::promise<int>* answer_ = nullptr;
    int number_ = 1;
};

TEST_P(PoolLifecycle, the_end_of_an_argument_may_wait_for_a_result) {
    cohort::Pool pool(options(1));
    for (int i = 0; i != 5; ++i) {
        std::promise<int> answer;
        pool.apply_async([](const Parting&) {}, Parting(pool, answer));
        EXPECT_EQ(pool.apply_async(square, 2).get(), 4);
        EXPECT_EQ(answer.get_future().get(), 9);
    }
}

TEST_P(PoolLifecycle, a_pool_in_a_child_process) {
    cohort::Process child({.start_method = GetParam()}, [] {
        cohort::Pool pool(2);
        if (pool.map(square, {1, 2, 3}) != std::vector<int>{1, 4, 9}) std::exit(1);
    });
    child.start();
    child.join();
    EXPECT_EQ(child.exitcode(), 0);
}

TEST_P(PoolLifecycle, a_pool_in_a_worker) {
    cohort::Pool pool(options(1));
    EXPECT_EQ(pool.apply(
                  [](int n) {
                      cohort::Pool inner(2);
                      return inner.map(square, cohort::range(n));
                  },
                  4),
              (std::vector<int>{0, 1, 4, 9}));
}

TEST_P(PoolLifecycle, a_daemonic_process_may_not_have_a_pool) {
    cohort::Process child({.daemon = true, .start_method = GetParam()}, [] {
        try {
            cohort::Pool pool(1);
        } catch (const cohort::Error& error) {
            if (std::string(error.what()) == "daemonic processes are not allowed to have children") std::exit(7);
        }
    });
    child.start();
    child.join();
    EXPECT_EQ(child.exitcode(), 7);
}

TEST_P(PoolLifecycle, workers_are_bound_to_processors) {
    cohort::Pool pool({.processes = 2, .start_method = GetParam(), .pin_cpus = true});
    EXPECT_EQ(pool.apply([] { return cohort::cpu_count(); }), 1);
}

TEST(ForkedPool, workers_see_the_memory_of_the_moment_the_pool_was_made) {
    base = 10;
    cohort::Pool pool({.processes = 2, .maxtasksperchild = 1, .start_method = cohort::StartMethod::fork});
    base = 20;
    EXPECT_EQ(pool.map(add_base, cohort::range(6), {.chunksize = 1}), (std::vector<int>{10, 11, 12, 13, 14, 15}));
    base = 0;
}

TEST(ForkedPool, the_process_that_starts_workers_runs_no_handler_of_the_program) {
    const cohort::RawValue<int> count;
    static std::atomic_ref<int>* handled;
    std::atomic_ref<int> atomic_count(*count);
    handled = &atomic_count;
    const auto before = std::signal(SIGUSR1, [](int) { handled->fetch_add(1); });
    {
        cohort::Pool pool({.processes = 1, .start_method = cohort::StartMethod::fork});
        const pid_t nursery = pool.apply([] { return ::getppid(); });
        ASSERT_NE(nursery, ::getpid());
        ::kill(nursery, SIGUSR1);
        EXPECT_EQ(pool.apply([] { return std::raise(SIGUSR1); }), 0);  // a worker does
    }
    EXPECT_EQ(count.value(), 1);
    std::signal(SIGUSR1, before);
}

TEST(ForkedPool, the_initializer_may_hold_anything) {
    std::vector<int> table{1, 2, 3};
    cohort::Pool pool({.processes = 1, .start_method = cohort::StartMethod::fork},
                      [&table, owned = std::make_unique<int>(4)] { base = table[2] + *owned; });
    EXPECT_EQ(pool.apply(add_base, 0), 7);
}

TEST(FreshPool, an_initializer_that_cannot_cross_is_refused) {
    std::vector<int> table{1, 2, 3};
    EXPECT_THROW(cohort::Pool({.processes = 1, .start_method = cohort::StartMethod::spawn},
                              [&table, owned = std::make_unique<int>(4)] { base = table[2] + *owned; }),
                 cohort::SerializationError);
}

// Not in the program of the other tests of threads: ThreadSanitizer, which runs that one, has a thread of its own.
TEST(ThreadPoolBesideForks, idle_threads_hold_nothing_when_the_program_forks) {
    cohort::ThreadPool pool(2);
    pool.map(square, cohort::range(10));
    while (cohort::os::has_other_threads()) std::this_thread::yield();  // until they are idle
    cohort::Event begun;
    cohort::Event go_on;
    const auto busy = pool.apply_async([&] {
        begun.set();
        go_on.wait();
    });
    begun.wait();
    EXPECT_TRUE(cohort::os::has_other_threads());
    go_on.set();
    busy.get();
}
