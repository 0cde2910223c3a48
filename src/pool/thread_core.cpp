// SPDX-License-Identifier: MIT
#include "pool/thread_core.hpp"

#include "os/exit.hpp"
#include "os/process_identity.hpp"
#include "pool/interrupt.hpp"
#include "pool/progress.hpp"
#include "process/describe_error.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/base/log.hpp>
#include <cohort/base/scope_guard.hpp>
#include <cohort/process/current_process.hpp>

#include <algorithm>
#include <sstream>
#include <utility>

namespace cohort::pool {

namespace {

// How often a thread that waits looks for Ctrl-C, and shows its progress.
constexpr std::chrono::milliseconds kPeriod{100};
constexpr unsigned kMostFailedStarts = 5;
// Items of an imap that are under way at most, unless its caller wants more.
constexpr std::size_t kMostAhead = 4096;

PoolOptions complete(PoolOptions options) {
    if (options.processes == 0) options.processes = static_cast<std::size_t>(cpu_count());
    if (options.maxtasksperchild != 0)
        throw ValueError("maxtasksperchild is for processes: the threads of a ThreadPool stay as long as it");
    if (options.start_method) throw ValueError("start_method is for processes: a ThreadPool starts threads");
    if (options.memory_limit != 0)
        throw ValueError("memory_limit is for processes: the threads of a ThreadPool have their memory together");
    if (options.pin_cpus) throw ValueError("pin_cpus is for processes: the threads of a ThreadPool wait for I/O");
    return options;
}

std::string name_of(const std::string& pool) {
    return pool.empty() ? "pool" : "pool '" + pool + "'";
}

std::exception_ptr broken_by(const std::string& pool, const std::exception_ptr& error) {
    const std::string text = name_of(pool) + " is broken: the initializer of its threads failed " +
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

struct ThreadCore::Worker {
    explicit Worker(std::size_t its_place) noexcept : place(its_place) {}

    const std::size_t place;
    std::atomic<std::thread::id> id{};
    Share share;  // without the item that it runs
    bool runs_item = false;
    // Of the item that it runs:
    std::size_t index = 0;
    std::size_t runs = 0;
    Moment due = kNever;
    bool is_overdue = false;             // it has its error
    std::shared_ptr<const void> holder;  // of one that is overdue
    std::stop_source stop{std::nostopstate};
    std::optional<os::QuietThread> quiet;
    std::optional<os::HelperThread> thread;
};

struct ThreadCore::ThreadStart {
    std::shared_ptr<ThreadCore> core;
    Worker* worker;
};

ThreadCore::ThreadCore(PoolOptions options, std::function<void()> initializer)
    : options_(complete(std::move(options))),
      owner_(os::current_pid()),
      initializer_(std::move(initializer)),
      window_(2 * options_.processes),
      pacing_(options_.processes, kMostAhead) {}

std::shared_ptr<ThreadCore> ThreadCore::make(PoolOptions options, std::function<void()> initializer) {
    const std::shared_ptr<ThreadCore> core(new ThreadCore(std::move(options), std::move(initializer)));
    detail::ScopeGuard end([&]() noexcept { core->retire(); });
    core->start();
    end.dismiss();
    return core;
}

void ThreadCore::start() {
    for (std::size_t place = 0; place != options_.processes; ++place)
        workers_.push_back(std::make_unique<Worker>(place));
    for (const auto& worker : workers_) {
        auto context = std::make_unique<ThreadStart>(ThreadStart{shared_from_this(), worker.get()});
        detail::ScopeGuard none([&]() noexcept {
            worker->quiet.reset();
            const Lock lock(mutex_);
            --alive_;
        });
        {
            const Lock lock(mutex_);
            ++alive_;
        }
        worker->quiet.emplace();  // counted before the thread is there
        worker->thread.emplace(&ThreadCore::run_worker, context.get(), os::HelperThread::Blocks::what_its_maker_blocks);
        none.dismiss();
        static_cast<void>(context.release());
    }
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

// --- what workers do ---

// The thread has the pool until its end: a task may be the end of the ThreadPool.
void ThreadCore::run_worker(void* start) noexcept {
    const std::unique_ptr<ThreadStart> own(static_cast<ThreadStart*>(start));
    own->core->work(*own->worker);
}

void ThreadCore::work(Worker& worker) {
    worker.id = std::this_thread::get_id();
    worker.quiet->speaks(true);
    Lock lock(mutex_);
    if (initialize(lock))
        while (take_share(lock, worker)) carry_out(lock, worker);
    worker.quiet->speaks(false);
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
    if (!has_work() && !leaving_) {
        worker.quiet->speaks(false);
        ++idle_;
        work_.wait(lock, [this] { return has_work() || leaving_; });
        --idle_;
        worker.quiet->speaks(true);
    }
    if (!has_work()) return false;
    if (!again_.empty()) {
        if (share.job) released_.push_back(std::move(share.job));
        share = std::move(again_.front());
        again_.pop_front();
        return true;
    }
    ThreadJob& job = queue_.front();
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
    worker.is_overdue = false;
    worker.stop = job.call.takes_stop_token() ? std::stop_source() : std::stop_source(std::nostopstate);
    ++job.running;
    worker.due = kNever;
    if (job.is_timed()) {
        const Moment now = Clock::now();
        if (job.timeout < kNever - now) worker.due = now + job.timeout;
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

void ThreadCore::conclude(std::shared_ptr<detail::AsyncCall> call) {
    call->conclude();
    call->set_job(nullptr);
    if (has_service() && (call->has_callback() || call->has_continuations())) {
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
        // Before all others: this is what the call ends with.
        job.call.take_error(0, std::make_exception_ptr(CancelledError("the call was cancelled")));
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

bool ThreadCore::wait_for(const detail::AsyncCall& call, Timeout timeout) {
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
    job->ahead = ahead;
    if (job->is_timed()) ensure_service();
    const Lock lock(mutex_);
    refuse_unless_running();
    add(job);
    return job;
}

bool ThreadCore::exchange(AnyJob& any_job, detail::FunctionRef<std::size_t()> add_items,
                          detail::FunctionRef<bool()> done, Timeout timeout) {
    require_owner();
    auto& job = static_cast<ThreadJob&>(any_job);
    Lock lock(mutex_);
    if (done()) return true;
    if (broken_ || state_ == State::ended) refuse_unless_running();
    pacing_.measure(outcomes_, job.open, Clock::now());
    window_.store(2 * pacing_.window(), std::memory_order_relaxed);
    if (const std::size_t items = add_items(); items != 0) {
        if (job.open == 0) --idle_streams_;
        if (!job.has_more()) queue_.push(job);
        job.items += items;
        job.open += items;
        wake(items);
    }
    // When the pool ends, every open item has its error.
    return wait_until(
        lock, done, [] {}, Deadline(timeout));
}

void ThreadCore::abandon(AnyJob& job) noexcept {
    if (owner_ != os::current_pid()) return;
    Lock lock(mutex_);
    leave(lock, static_cast<ThreadJob&>(job));
}

std::size_t ThreadCore::ahead_of(const AnyJob& job) const noexcept {
    if (job.ahead != 0) return job.ahead;
    return window_.load(std::memory_order_relaxed) * static_cast<const ThreadJob&>(job).chunk;
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
        changed_.wait_until(lock, std::min(until, Clock::now() + kPeriod));
        end_overdue(lock);
        interrupt.check();
        on_progress();
    }
    return true;
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
    text << name_of(options_.name) << ": thread " << worker.place + 1 << " runs " << job->call.function_name();
    if (job->items != 1 || job->streams) text << ", item " << worker.index;
    text << " longer than its timeout of " << std::chrono::duration<double>(job->timeout).count() << " s";
    fail(*job, worker.index, worker.runs, std::make_exception_ptr(TimeoutError(text.str())));
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

std::string ThreadCore::repr(std::string_view kind) const {
    const char* state = "FOREIGN";
    if (owner_ == os::current_pid()) {
        const Lock lock(mutex_);
        state = state_ == State::running ? "RUN" : state_ == State::closed ? "CLOSE" : "TERMINATE";
    }
    return "<" + std::string(kind) + " state=" + state + " pool_size=" + std::to_string(options_.processes) + ">";
}

}  // namespace cohort::pool
