// SPDX-License-Identifier: MIT
#include "pool/thread_core.hpp"

#include "os/process_identity.hpp"
#include "pool/interrupt.hpp"
#include "pool/progress.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/base/scope_guard.hpp>
#include <cohort/process/current_process.hpp>

#include <algorithm>
#include <utility>

namespace cohort::pool {

namespace {

// How often a thread that waits looks for Ctrl-C, and shows its progress.
constexpr std::chrono::milliseconds kWaitPeriod{100};

PoolOptions complete_for_threads(PoolOptions options) {
    if (options.processes == 0) options.processes = static_cast<std::size_t>(cpu_count());
    if (options.maxtasksperchild != 0)
        throw ValueError("maxtasksperchild is for processes: the threads of a ThreadPool stay as long as it");
    if (options.start_method) throw ValueError("start_method is for processes: a ThreadPool starts threads");
    if (options.memory_limit != 0)
        throw ValueError("memory_limit is for processes: the threads of a ThreadPool have their memory together");
    if (options.memory_recycle != 0 || !options.idle_timeout.is_forever())
        throw ValueError(
            "memory_recycle and idle_timeout are for processes: the threads of a ThreadPool stay as long as it");
    if (!options.env.empty())
        throw ValueError("env is for processes: the threads of a ThreadPool have this process's environment");
    if (options.pin_cpus) throw ValueError("pin_cpus is for processes: the threads of a ThreadPool wait for I/O");
    return options;
}

}  // namespace

ThreadCore::ThreadCore(PoolOptions options, std::function<void()> initializer)
    : options_(complete_for_threads(std::move(options))),
      owner_(os::current_pid()),
      initializer_(std::move(initializer)) {}

std::shared_ptr<ThreadCore> ThreadCore::make(PoolOptions options, std::function<void()> initializer) {
    std::shared_ptr<ThreadCore> core(new ThreadCore(std::move(options), std::move(initializer)));
    detail::ScopeGuard end([&]() noexcept { core->retire(); });
    core->start();
    end.dismiss();
    return core;
}

void ThreadCore::start() {
    const Lock lock(mutex_);
    while (size_ != options_.processes) start_worker(lock);
}

// Its first step waits for the lock.
void ThreadCore::start_worker(const Lock&) {
    workers_.push_back(std::make_unique<Worker>(workers_.size()));
    Worker& worker = *workers_.back();
    auto context = std::make_unique<ThreadStart>(ThreadStart{shared_from_this(), &worker});
    detail::ScopeGuard none([&]() noexcept { workers_.pop_back(); });
    worker.quiet.emplace();  // counted before the thread is there
    worker.thread.emplace(&ThreadCore::run_worker, context.get(), os::HelperThread::Blocks::what_its_maker_blocks);
    none.dismiss();
    static_cast<void>(context.release());
    ++alive_;
    ++size_;
}

void ThreadCore::require_owner() const {
    if (owner_ == os::current_pid()) return;
    throw Error("this pool belongs to process " + std::to_string(owner_) +
                ": a copy of it that a fork made has no threads, make a pool in this process");
}

void ThreadCore::refuse_unless_running() const {
    if (broken_) std::rethrow_exception(broken_);
    if (state_ != State::running) throw ValueError("Pool not running");
}

// --- calls ---

void ThreadCore::add(std::shared_ptr<ThreadJob> job) {
    if (job->has_more()) {
        queue_.push(*job);
        wake(job->items);
    } else {
        ++idle_streams_;
    }
    jobs_.emplace(job.get(), std::move(job));
}

void ThreadCore::wake(std::size_t items) noexcept {
    for (std::size_t i = std::min(items, idle_); i != 0; --i) work_.notify_one();
}

void ThreadCore::run(detail::PoolCall& call, const MapOptions& options, std::shared_ptr<const void> keeper) {
    require_owner();
    Lock lock(mutex_);
    refuse_unless_running();
    if (call.items() == 0) return;
    lock.unlock();
    const auto job = std::make_shared<ThreadJob>(static_cast<detail::LocalCall&>(call), detail::job_options(options),
                                                 std::move(keeper));
    if (job->is_timed()) ensure_service();
    Progress progress(options.progress, job->items);
    const detail::ScopeGuard last_line([&]() noexcept { progress.finish(job->done()); });
    lock.lock();
    const detail::ScopeGuard unlock([&]() noexcept { lock.unlock(); });
    refuse_unless_running();
    add(job);
    detail::ScopeGuard interrupted([&]() noexcept { leave(lock, *job); });
    const auto has_ended = [&] { return !jobs_.contains(job.get()); };
    wait_until(
        lock, has_ended, [&] { progress.show(job->done()); }, Deadline(forever));
    interrupted.dismiss();
}

void ThreadCore::submit(const std::shared_ptr<detail::AsyncCall>& call, const detail::JobOptions& options) {
    require_owner();
    {
        const Lock lock(mutex_);
        refuse_unless_running();
    }
    call->belong_to(shared_from_this());
    const auto job = std::make_shared<ThreadJob>(static_cast<detail::LocalCall&>(call->call()), options, nullptr);
    job->async = call;
    job->is_async = true;
    ensure_service();
    Lock lock(mutex_);
    refuse_unless_running();
    call->set_job(job.get());
    if (job->items != 0) return add(job);
    conclude(call);
    let_go(lock);
}

bool ThreadCore::cancel(detail::AsyncCall& call) {
    require_owner();
    Stops stops;
    Lock lock(mutex_);
    if (call.concluded()) return false;
    auto& job = static_cast<ThreadJob&>(*call.job());
    const std::size_t dropped = drop_waiting(job, [](std::size_t) {});
    ask_to_stop(job, stops);
    if (dropped != 0) {
        call.fail(std::make_exception_ptr(CancelledError("the call was cancelled")));
        outcome(job, dropped);
    }
    let_go(lock, stops);
    return dropped != 0;
}

// Its items that no thread has begun with; `on_drop` has each.
std::size_t ThreadCore::drop_waiting(ThreadJob& job, OnDrop on_drop) {
    std::size_t dropped = 0;
    const auto drop = [&](std::size_t first, std::size_t items) {
        for (std::size_t i = 0; i != items; ++i) on_drop(first + i);
        dropped += items;
    };
    drop(job.next, job.items - job.next);
    job.next = job.items;
    queue_.remove(job);
    std::erase_if(again_, [&](Share& share) {
        if (share.job.get() != &job) return false;
        drop(share.first, share.items);
        released_.push_back(std::move(share.job));
        return true;
    });
    for (const auto& worker : workers_)
        if (worker->share.job.get() == &job) drop(worker->share.first, std::exchange(worker->share.items, 0));
    return dropped;
}

void ThreadCore::ask_to_stop(ThreadJob& job, Stops& stops) const {
    job.is_to_stop = true;
    for (const auto& worker : workers_)
        if (worker->runs_item && worker->share.job.get() == &job) stops.push_back(worker->stop);
}

bool ThreadCore::is_running(const detail::AsyncCall& call) {
    require_owner();
    const Lock lock(mutex_);
    return !call.concluded() && static_cast<const ThreadJob&>(*call.job()).running != 0;
}

bool ThreadCore::when_ready(detail::AsyncCall& call, std::function<void()> use) {
    require_owner();
    const Lock lock(mutex_);
    if (call.ready()) return false;
    call.add_continuation(std::move(use));
    return true;
}

bool ThreadCore::wait_for(detail::AsyncCall& call, Timeout timeout) {
    require_owner();
    Lock lock(mutex_);
    // A callback may ask for a result whose own callback comes after it, or is itself.
    const auto done = [&] { return call.ready() || (is_served_here() && call.concluded()); };
    return wait_until(
        lock, done, [] {}, Deadline(timeout));
}

std::shared_ptr<AnyJob> ThreadCore::open(const std::shared_ptr<detail::PoolCall>& call,
                                         const detail::JobOptions& options, std::size_t ahead) {
    require_owner();
    {
        const Lock lock(mutex_);
        refuse_unless_running();
    }
    if (options.chunksize == 0) throw ValueError("Chunksize must be 1+, not 0");
    auto job = std::make_shared<ThreadJob>(static_cast<detail::LocalCall&>(*call), options, call, true);
    if (job->is_timed()) ensure_service();
    const Lock lock(mutex_);
    refuse_unless_running();
    job->ahead = ReadAhead(ahead, job->chunk, size_);
    add(job);
    return job;
}

bool ThreadCore::exchange(AnyJob& any_job, detail::FunctionRef<std::size_t()> add_items,
                          detail::FunctionRef<bool()> done, Timeout timeout) {
    require_owner();
    auto& job = static_cast<ThreadJob&>(any_job);
    Lock lock(mutex_);
    if (done()) return true;
    if (end_ && job.open == 0) std::rethrow_exception(end_);
    job.ahead.measure(job.ended(), size_, Clock::now());
    if (!end_) extend(job, add_items());
    // When the pool ends, every open item has its error.
    return wait_until(
        lock, done, [] {}, Deadline(timeout));
}

void ThreadCore::extend(ThreadJob& job, std::size_t items) {
    if (items == 0) return;
    if (job.open == 0) --idle_streams_;
    if (!job.has_more()) queue_.push(job);
    job.items += items;
    job.open += items;
    wake(items);
}

void ThreadCore::abandon(AnyJob& job) noexcept {
    if (owner_ != os::current_pid()) return;
    Lock lock(mutex_);
    leave(lock, static_cast<ThreadJob&>(job));
}

std::size_t ThreadCore::ahead_of(const AnyJob& job) const noexcept {
    return job.ahead.items();
}

// The caller of a job goes away, and takes along what its items refer to.
void ThreadCore::leave(Lock& lock, ThreadJob& job) noexcept {
    if (!jobs_.contains(&job)) return;
    Stops stops;
    job.abandoned = true;
    ask_to_stop(job, stops);
    if (job.open == 0) {
        --idle_streams_;
        finish(job);
    } else {
        outcome(job, drop_waiting(job, [](std::size_t) {}));
    }
    let_go(lock, stops);
    changed_.wait(lock, [&] { return !jobs_.contains(&job); });
}

template <class Done>
bool ThreadCore::wait_until(Lock& lock, Done&& done, OnProgress on_progress, const Deadline& deadline) {
    InterruptGuard interrupt;
    while (!done()) {
        if (deadline.passed()) return false;
        const Moment until = std::min(next_due_, deadline.at().value_or(kNever));
        changed_.wait_until(lock, std::min(until, Clock::now() + kWaitPeriod));
        end_overdue(lock);
        interrupt.check();
        on_progress();
    }
    return true;
}

// --- callbacks ---

void ThreadCore::ensure_service() {
    std::call_once(serving_, [&] {
        quiet_.emplace();  // counted before the thread is there
        // The thread has the pool, until retire(): a callback, or the end of a call, may be the end of the ThreadPool.
        auto its_own = std::make_unique<std::shared_ptr<ThreadCore>>(shared_from_this());
        service_thread_ = std::make_unique<os::HelperThread>(&ThreadCore::run_service, its_own.get());
        static_cast<void>(its_own.release());
    });
}

void ThreadCore::run_service(void* its_own) noexcept {
    const std::unique_ptr<std::shared_ptr<ThreadCore>> core(static_cast<std::shared_ptr<ThreadCore>*>(its_own));
    (*core)->serve();
}

void ThreadCore::serve() {
    server_ = std::this_thread::get_id();
    Lock lock(mutex_);
    while (!service_ends_) {
        if (!to_call_back_.empty()) {
            call_back(lock);
            continue;
        }
        const Moment due = next_due_;
        const auto is_called = [&] { return service_ends_ || !to_call_back_.empty() || next_due_ < due; };
        if (due == kNever)
            service_.wait(lock, is_called);
        else if (!service_.wait_until(lock, due, is_called))
            end_overdue(lock);
    }
}

void ThreadCore::call_back(Lock& lock) {
    auto [call, starts] = std::move(to_call_back_.front());
    to_call_back_.pop_front();
    calls_back_ = true;
    lock.unlock();
    quiet_->speaks(true);
    if (starts)
        call->run_start_callback();
    else if (call->has_callback())
        call->run_callback();
    if (!starts) {
        lock.lock();
        call->set_ready();
        changed_.notify_all();
        lock.unlock();
        call->run_continuations();  // nobody adds to them any more
    }
    call.reset();
    quiet_->speaks(false);
    lock.lock();
    calls_back_ = false;
    changed_.notify_all();
    end_overdue(lock);
}

// No callback begins any more; calls whose callbacks have not run are ready.
void ThreadCore::end_service() noexcept {
    std::deque<ToCallBack> calls;
    {
        const Lock lock(mutex_);
        service_ends_ = true;
        calls.swap(to_call_back_);
        for (const auto& [call, starts] : calls)
            if (!starts) call->set_ready();
        changed_.notify_all();
        service_.notify_all();
    }
    for (const auto& [call, starts] : calls)
        if (!starts) call->run_continuations();
}

// --- the end ---

// Every item that no thread has begun with has this error.
void ThreadCore::end_all(const std::exception_ptr& error, Stops& stops) {
    if (!end_) end_ = error;
    leaving_ = true;
    std::vector<std::shared_ptr<ThreadJob>> open;
    for (const auto& [address, job] : jobs_)
        if (job->open != 0) open.push_back(job);
    for (const auto& job : open) {
        ask_to_stop(*job, stops);
        const std::size_t dropped = drop_waiting(*job, [&](std::size_t index) { job->call.take_error(index, error); });
        job->cut_off += dropped;
        if (dropped != 0) outcome(*job, dropped);
    }
    released_.insert(released_.end(), open.begin(), open.end());
    work_.notify_all();
    changed_.notify_all();
}

void ThreadCore::abort(const std::exception_ptr& error) {
    Stops stops;
    Lock lock(mutex_);
    state_ = State::ended;
    end_all(error, stops);
    let_go(lock, stops);
}

void ThreadCore::retire() noexcept {
    if (owner_ != os::current_pid()) return;
    abort(std::make_exception_ptr(CancelledError("the pool was destroyed")));
    end_service();
    service_thread_.reset();
    if (!is_served_here()) quiet_.reset();
    join_threads();
}

void ThreadCore::close() {
    require_owner();
    const Lock lock(mutex_);
    if (state_ == State::running) state_ = State::closed;
}

void ThreadCore::terminate() {
    require_owner();
    abort(std::make_exception_ptr(CancelledError("the pool was terminated")));
}

bool ThreadCore::join(Timeout timeout) {
    require_owner();
    const Deadline deadline(timeout);
    Lock lock(mutex_);
    if (state_ == State::running && !broken_) throw ValueError("Pool is still running");
    if (is_served_here()) throw ValueError("a callback cannot join its own pool: it would wait for itself");
    if (is_worker_here()) throw ValueError("a task cannot join its own pool: it would wait for itself");
    const auto is_done = [&] { return jobs() == 0 && to_call_back_.empty() && !calls_back_; };
    if (!wait_until(
            lock, is_done, [] {}, deadline))
        return false;
    state_ = State::ended;
    if (!end_) end_ = std::make_exception_ptr(CancelledError("the pool has ended"));
    leaving_ = true;
    work_.notify_all();
    const auto all_ended = [&] { return alive_ == 0; };
    if (!wait_until(
            lock, all_ended, [] {}, deadline))
        return false;
    lock.unlock();
    join_threads();
    return true;
}

bool ThreadCore::is_worker_here() const noexcept {
    return std::ranges::any_of(workers_, [](const auto& worker) { return worker->id == std::this_thread::get_id(); });
}

// A task that destroys the pool does not wait for itself.
void ThreadCore::join_threads() noexcept {
    const std::lock_guard guard(join_mutex_);
    for (const auto& worker : workers_) {
        worker->thread.reset();
        if (worker->id != std::this_thread::get_id()) worker->quiet.reset();
    }
}

std::vector<pid_t> ThreadCore::worker_pids() {
    require_owner();
    throw ValueError("the workers of a ThreadPool are threads of this process, which have no pids of their own");
}

PoolStats ThreadCore::stats() {
    require_owner();
    const Lock lock(mutex_);
    PoolStats all;
    all.slowest = slowest_.tasks();
    const Moment now = Clock::now();
    for (const auto& worker : workers_) {
        if (worker->is_unneeded) continue;
        WorkerStats its{.tasks = worker->tasks, .busy = worker->busy};
        if (worker->runs_item) its.busy += now - worker->began;
        if (worker->ready_since != kNever) its.waiting = now - worker->ready_since - its.busy;
        all.workers.push_back(its);
    }
    return all;
}

void ThreadCore::resize(long workers) {
    require_owner();
    if (workers < 1) throw ValueError("Number of processes must be at least 1");
    const auto wanted = static_cast<std::size_t>(workers);
    const Lock lock(mutex_);
    refuse_unless_running();
    std::erase_if(workers_, [](const auto& worker) { return worker->has_ended; });  // joins them
    for (auto worker = workers_.rbegin(); worker != workers_.rend() && size_ > wanted; ++worker)
        if (!std::exchange((*worker)->is_unneeded, true)) --size_;
    while (size_ < wanted) start_worker(lock);
    work_.notify_all();
}

const char* ThreadCore::state_name() const noexcept {
    if (state_ == State::ended) return "TERMINATE";
    if (broken_) return "BROKEN";
    return state_ == State::running ? "RUN" : "CLOSE";
}

std::string ThreadCore::repr(std::string_view kind) const {
    const char* state = "FOREIGN";
    std::size_t size = options_.processes;
    if (owner_ == os::current_pid()) {
        const Lock lock(mutex_);
        size = size_;
        state = state_name();
    }
    return "<" + std::string(kind) + " state=" + state + " pool_size=" + std::to_string(size) + ">";
}

}  // namespace cohort::pool
