// SPDX-License-Identifier: MIT
// The limits of threads, which share memory: a pool with a condition variable, oneTBB, threads that take the next task.
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <random>
#include <thread>

#include "pool/contenders.hpp"
#include "pool/tasks.hpp"

#ifdef BENCH_HAS_TBB
#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>
#endif

namespace bench {

namespace {

class CondvarPool {
public:
    CondvarPool() {
        for (int i = 0; i != kWorkers; ++i) threads_.emplace_back([this] { serve(); });
    }
    ~CondvarPool() {
        {
            const std::scoped_lock lock(mutex_);
            ended_ = true;
        }
        changed_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }
    CondvarPool(const CondvarPool&) = delete;
    CondvarPool& operator=(const CondvarPool&) = delete;

    std::future<long> submit(long i) {
        std::packaged_task<long()> task([i] { return square(i); });
        auto result = task.get_future();
        {
            const std::scoped_lock lock(mutex_);
            tasks_.push_back(std::move(task));
        }
        changed_.notify_one();
        return result;
    }

private:
    void serve() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [&] { return ended_ || !tasks_.empty(); });
            if (tasks_.empty()) return;
            auto task = std::move(tasks_.front());
            tasks_.pop_front();
            lock.unlock();
            task();
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::packaged_task<long()>> tasks_;
    bool ended_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace

[[gnu::noinline]] long square(long i) {
    return i * i;
}

long busy_tasks(std::chrono::microseconds each) {
    return std::clamp(kWorkers * std::chrono::microseconds(250'000) / each, 50L, 200'000L);
}

double condvar_trip(Trip trip) {
    CondvarPool pool;
    const auto make = [&](int i) { require(pool.submit(i).get() == long{i} * i); };
    make(0);
    return median_trip(trip, make);
}

const std::vector<std::chrono::nanoseconds>& uneven_work() {
    static const auto work = [] {
        constexpr std::size_t kCount = 400;
        std::mt19937 random(1);
        std::lognormal_distribution<double> microseconds(std::log(700.0), 1.7);
        std::vector<std::chrono::nanoseconds> times;
        while (times.size() != kCount)
            times.emplace_back(static_cast<long>(std::clamp(microseconds(random), 10.0, 50e3) * 1e3));
        return times;
    }();
    return work;
}

double against_ideal(double time) {
    std::chrono::duration<double> sum{};
    for (const auto one : uneven_work()) sum += one;
    return time / (sum.count() / kWorkers);
}

double threads_uneven() {
    const auto& work = uneven_work();
    std::atomic<std::size_t> next = 0;
    return against_ideal(seconds([&] {
        std::vector<std::jthread> threads;
        for (int i = 0; i != kWorkers; ++i)
            threads.emplace_back([&] {
                for (std::size_t at; (at = next++) < work.size();) burn(work[at]);
            });
    }));
}

#ifdef BENCH_HAS_TBB

bool has_tbb() {
    return true;
}

double tbb_task_group() {
    const tbb::global_control two(tbb::global_control::max_allowed_parallelism, kWorkers);
    std::vector<long> results(kTasks);
    const double time = seconds([&] {
        tbb::task_group group;
        for (long i = 0; i != kTasks; ++i)
            group.run([&results, i] { results[static_cast<std::size_t>(i)] = square(i); });
        group.wait();
    });
    for (long i = 0; i != kTasks; ++i) require(results[static_cast<std::size_t>(i)] == i * i);
    return static_cast<double>(kTasks) / time / 1e3;
}

double tbb_busy(std::chrono::microseconds each) {
    const tbb::global_control two(tbb::global_control::max_allowed_parallelism, kWorkers);
    const long count = busy_tasks(each);
    return static_cast<double>(count) / seconds([&] {
               tbb::task_group group;
               for (long i = 0; i != count; ++i) group.run([each] { burn(each); });
               group.wait();
           });
}

double tbb_trip(Trip trip) {
    tbb::task_arena arena(kWorkers);
    std::atomic<long> answer{-1};
    const auto make = [&](int i) {
        answer = -1;
        arena.enqueue([&answer, i] { answer = square(i); });
        while (answer < 0) {
        }
        require(answer == long{i} * i);
    };
    make(0);
    return median_trip(trip, make);
}

#else

bool has_tbb() {
    return false;
}
double tbb_task_group() {
    return 0;
}
double tbb_busy(std::chrono::microseconds) {
    return 0;
}
double tbb_trip(Trip) {
    return 0;
}

#endif

}  // namespace bench
