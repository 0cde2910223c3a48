// SPDX-License-Identifier: MIT
// What the threads of a ThreadCore do with the items of jobs, and what comes of these.
#include "os/exit.hpp"
#include "os/process_identity.hpp"
#include "pool/thread_core.hpp"
#include "pool/worker_states.hpp"
#include "process/describe_error.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/base/log.hpp>
#include <cohort/base/scope_guard.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <sstream>
#include <utility>

namespace cohort::pool {

namespace {

constexpr unsigned kMostFailedStarts = 5;

std::string name_of_pool(const std::string& pool) {
    return pool.empty() ? "pool" : "pool '" + pool + "'";
}

std::exception_ptr broken_by(const std::string& pool, const std::exception_ptr& error) {
    const std::string text = name_of_pool(pool) + " is broken: the initializer of its threads failed " +
                             std::to_string(kMostFailedStarts) + " times in a row; the last time it threw " +
                             process::describe_error(error);
    try {
        try {
            std::rethrow_exception(error);
        } catch (...) {
            std::throw_with_nested(BrokenPoolError(text));
        }
    } catch (...) {
        return std::current_exception();
    }
}

}  // namespace

// The thread has the pool until its end: a task may be the end of the ThreadPool.
void ThreadCore::run_worker(void* start) noexcept {
    const std::unique_ptr<ThreadStart> own(static_cast<ThreadStart*>(start));
    own->core->work(*own->worker);
}

void ThreadCore::work(Worker& worker) {
    worker.id = std::this_thread::get_id();
    worker.quiet->speaks(true);
    std::optional<WorkerStates> states(std::in_place);
    Lock lock(mutex_);
    if (initialize(lock)) {
        worker.ready_since = Clock::now();
        while (take_share(lock, worker)) carry_out(lock, worker);
        lock.unlock();
        if (auto* exit = options_.worker_exit.call()) detail::call_logged([&] { exit->call(); });
        states.reset();
        lock.lock();
    }
    if (worker.share.job) released_.push_back(std::move(worker.share.job));
    let_go(lock);
    worker.quiet->speaks(false);
    worker.has_ended = true;
    --alive_;
    changed_.notify_all();
}

bool ThreadCore::initialize(Lock& lock) {
    while (initializer_ && !leaving_) {
        std::exception_ptr error;
        lock.unlock();
        try {
            initializer_();
        } catch (...) {
            error = std::current_exception();
        }
        lock.lock();
        if (!error) break;
        Stops stops;
        count_failed_start(error, stops);
        let_go(lock, stops);
    }
    return !leaving_;
}

void ThreadCore::count_failed_start(const std::exception_ptr& error, Stops& stops) {
    get_logger().info("the initializer of a thread of a pool threw ", process::describe_error(error));
    if (std::exchange(outcomes_seen_, outcomes_) != outcomes_) failed_starts_ = 0;
    if (++failed_starts_ != kMostFailedStarts) return;
    broken_ = broken_by(options_.name, error);
    end_all(broken_, stops);
}

// Waits for items. False: there will be none.
bool ThreadCore::take_share(Lock& lock, Worker& worker) {
    Share& share = worker.share;
    if (!has_work()) {
        if (share.job) released_.push_back(std::move(share.job));
        let_go(lock);
    }
    if (!has_work() && !leaving_ && !worker.is_unneeded) {
        worker.quiet->speaks(false);
        ++idle_;
        work_.wait(lock, [&] { return has_work() || leaving_ || worker.is_unneeded; });
        --idle_;
        worker.quiet->speaks(true);
    }
    if (!has_work()) return false;
    if (worker.is_unneeded) {
        wake(1);  // it may have been woken for this work
        return false;
    }
    if (!again_.empty()) {
        if (share.job) released_.push_back(std::move(share.job));
        share = std::move(again_.front());
        again_.pop_front();
        return true;
    }
    auto& job = static_cast<ThreadJob&>(queue_.front());
    if (share.job.get() != &job) {
        if (share.job) released_.push_back(std::move(share.job));
        share.job = jobs_.at(&job);
    }
    share.first = job.next;
    share.items = std::min(job.chunk, job.items - job.next);
    share.runs = 0;
    job.next += share.items;
    if (!job.has_more()) queue_.remove(job);
    return true;
}

void ThreadCore::carry_out(Lock& lock, Worker& worker) {
    while (worker.share.items != 0) run_item(lock, worker);
    const ThreadJob& job = *worker.share.job;
    if (job.open == 0 || job.abandoned) released_.push_back(std::move(worker.share.job));
    let_go(lock);
}

void ThreadCore::begin(Worker& worker) {
    Share& share = worker.share;
    ThreadJob& job = *share.job;
    worker.index = share.first++;
    worker.runs = std::exchange(share.runs, 0);
    --share.items;
    worker.runs_item = true;
    worker.began = Clock::now();
    worker.is_overdue = false;
    worker.stop = job.call.takes_stop_token() ? std::stop_source() : std::stop_source(std::nostopstate);
    ++job.running;
    worker.due = kNever;
    if (job.is_timed()) {
        if (job.timeout < kNever - worker.began) worker.due = worker.began + job.timeout;
        if (worker.due < next_due_) {
            next_due_ = worker.due;
            service_.notify_one();
        }
    }
    if (job.tells_start && job.async && has_service()) {
        to_call_back_.push_back({job.async, true});
        service_.notify_one();
    }
}

void ThreadCore::run_item(Lock& lock, Worker& worker) {
    begin(worker);
    ThreadJob& job = *worker.share.job;
    const auto unlocked = [&](detail::FunctionRef<void()> use) {
        {
            lock.unlock();
            const detail::ScopeGuard again([&]() noexcept {
                if (os::current_pid() != owner_) os::exit_now(0);  // a fork by the task, which has returned in it
                lock.lock();
            });
            use();
        }
        return !worker.is_overdue && !job.abandoned;
    };
    std::exception_ptr error;
    try {
        detail::ItemRun run{unlocked, worker.stop.get_token(), worker.runs < job.retries};
        job.call.run_item(worker.index, run);
    } catch (...) {
        error = std::current_exception();
    }
    if (error && (worker.is_overdue || job.abandoned)) unlocked([&] { error = nullptr; });
    worker.runs_item = false;
    count(worker, job);
    ++outcomes_;
    if (worker.is_overdue) {
        released_.push_back(std::move(worker.holder));
        return;
    }
    --job.running;
    if (error)
        fail(job, worker.index, worker.runs, std::move(error));
    else
        outcome(job);
}

void ThreadCore::count(Worker& worker, const ThreadJob& job) {
    const auto time = Clock::now() - worker.began;
    worker.busy += time;
    ++worker.tasks;
    const auto shown = std::chrono::duration_cast<std::chrono::milliseconds>(time);
    if (!slowest_.takes(shown)) return;
    slowest_.add({.function = job.call.function_name(),
                  .index = job.items == 1 && !job.streams ? std::nullopt : std::optional(worker.index),
                  .time = shown});
}

void ThreadCore::fail(ThreadJob& job, std::size_t index, std::size_t runs, std::exception_ptr error) {
    if (!job.abandoned) {
        if (wants_again(job, runs, error)) {
            again_.push_back({jobs_.at(&job), index, 1, runs + 1});
            return wake(1);
        }
        job.call.take_error(index, std::move(error));
    }
    outcome(job);
}

bool ThreadCore::wants_again(const ThreadJob& job, std::size_t runs, const std::exception_ptr& error) const {
    if (!job.retry_if || runs >= job.retries || job.is_to_stop || state_ == State::ended || broken_) return false;
    bool wants = false;
    detail::call_logged([&] { wants = job.retry_if(error); });
    return wants;
}

// So many items have got one.
void ThreadCore::outcome(ThreadJob& job, std::size_t items) {
    job.open -= items;
    if (job.open == 0) {
        if (!job.streams || job.abandoned) return finish(job);
        ++idle_streams_;
    }
    if (job.streams) changed_.notify_all();
}

void ThreadCore::finish(ThreadJob& job) {
    const auto found = jobs_.find(&job);
    released_.push_back(std::move(found->second));
    jobs_.erase(found);
    if (job.async) conclude(std::move(job.async));
    changed_.notify_all();
}

// What begins with it comes before what ends with it.
void ThreadCore::conclude(std::shared_ptr<detail::AsyncCall> call) {
    call->conclude();
    call->set_job(nullptr);
    if (has_service() && (call->has_callback() || call->has_continuations() || call->has_start_callback())) {
        to_call_back_.push_back({std::move(call), false});
        service_.notify_one();
    } else {
        call->set_ready();
        concluded_.push_back(std::move(call));
    }
}

// Their ends run code of the program, which may use this pool, or be the end of it.
void ThreadCore::let_go(Lock& lock) {
    while (!concluded_.empty() || !released_.empty()) {
        auto calls = std::exchange(concluded_, {});
        auto others = std::exchange(released_, {});
        lock.unlock();
        for (const auto& call : calls) call->run_continuations();
        calls.clear();
        others.clear();
        lock.lock();
    }
}

// What is to stop may do so by code of the program, at once.
void ThreadCore::let_go(Lock& lock, Stops& stops) {
    if (!stops.empty()) {
        lock.unlock();
        for (std::stop_source& stop : stops) stop.request_stop();
        lock.lock();
    }
    let_go(lock);
}

// --- timeouts ---

void ThreadCore::end_overdue(Lock& lock) {
    if (next_due_ == kNever) return;
    const Moment now = Clock::now();
    if (now < next_due_) return;
    Stops stops;
    next_due_ = kNever;
    for (const auto& worker : workers_) {
        if (!worker->runs_item || worker->is_overdue) continue;
        if (now < worker->due) {
            next_due_ = std::min(next_due_, worker->due);
        } else {
            stops.push_back(worker->stop);
            give_up(*worker);
        }
    }
    let_go(lock, stops);
}

// Its item has its error now; the thread goes on with it.
void ThreadCore::give_up(Worker& worker) {
    const std::shared_ptr<ThreadJob> job = worker.share.job;
    worker.is_overdue = true;
    worker.holder = job->holder();
    --job->running;
    if (worker.share.items != 0) {
        again_.push_back({job, worker.share.first, std::exchange(worker.share.items, 0), 0});
        wake(1);
    }
    std::ostringstream text;
    text << name_of_pool(options_.name) << ": thread " << worker.place + 1 << " runs " << job->call.function_name();
    if (job->items != 1 || job->streams) text << ", item " << worker.index;
    text << " longer than its timeout of " << std::chrono::duration<double>(job->timeout).count() << " s";
    fail(*job, worker.index, worker.runs, std::make_exception_ptr(TimeoutError(text.str())));
}

}  // namespace cohort::pool
