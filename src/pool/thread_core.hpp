// SPDX-License-Identifier: MIT
#pragma once

#include "os/helper_thread.hpp"
#include "os/threads.hpp"
#include "pool/engine.hpp"
#include "pool/job_queue.hpp"
#include "pool/slowest.hpp"
#include "pool/thread_job.hpp"

#include <cohort/pool/pool_options.hpp>

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace cohort::pool {

/// The engine of a ThreadPool: threads that take the items of jobs from a queue, and one that calls callbacks and looks
/// for items that are over their time.
///
/// Thread safety: all members but the destructor.
/// FORK: every member throws Error in a child. The threads hold the object: there it is never destroyed.
///
/// Invariants
///  1. An open item is either not handed out yet (index >= job.next), or waiting to be run again, or in the share of
///     exactly one worker.
///  2. A call that its caller holds is not left while an item of it runs that is not over its time.
///  3. What is the user's is called and destroyed without the mutex, but for what moves and reads items and results.
class ThreadCore final : public Engine, public std::enable_shared_from_this<ThreadCore> {
public:
    /// @param initializer  may be empty
    /// @throws ValueError  options for processes
    /// @throws std::system_error  there are no more threads
    static std::shared_ptr<ThreadCore> make(PoolOptions options, std::function<void()> initializer);
    ~ThreadCore() override = default;

    void run(detail::PoolCall& call, const MapOptions& options, std::shared_ptr<const void> keeper) override;
    void submit(const std::shared_ptr<detail::AsyncCall>& call, const detail::JobOptions& options) override;
    bool cancel(detail::AsyncCall& call) override;
    bool is_running(const detail::AsyncCall& call) override;
    bool when_ready(detail::AsyncCall& call, std::function<void()> use) override;
    bool wait_for(detail::AsyncCall& call, Timeout timeout) override;
    std::shared_ptr<AnyJob> open(const std::shared_ptr<detail::PoolCall>& call, const detail::JobOptions& options,
                                 std::size_t ahead) override;
    bool exchange(AnyJob& job, detail::FunctionRef<std::size_t()> add, detail::FunctionRef<bool()> done,
                  Timeout timeout) override;
    void abandon(AnyJob& job) noexcept override;
    std::size_t ahead_of(const AnyJob& job) const noexcept override;
    void retire() noexcept override;
    void close() override;
    void terminate() override;
    bool join(Timeout timeout) override;
    std::vector<pid_t> worker_pids() override;
    PoolStats stats() override;
    void resize(long workers) override;
    std::string repr(std::string_view kind) const override;

private:
    using Lock = std::unique_lock<std::mutex>;
    using Clock = std::chrono::steady_clock;
    using Moment = Clock::time_point;
    using OnProgress = detail::FunctionRef<void()>;
    static constexpr Moment kNever = Moment::max();
    enum class State { running, closed, ended };

    /// Items of one job that follow each other, and how often the first was run before.
    struct Share {
        std::shared_ptr<ThreadJob> job{};
        std::size_t first = 0;
        std::size_t items = 0;
        std::size_t runs = 0;
    };
    struct Worker {
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
        bool is_unneeded = false;  // leaves when it has nothing in its hands
        bool has_ended = false;    // the thread has nothing more to do with this
        // What it has done:
        std::size_t tasks = 0;
        Clock::duration busy{};
        Moment ready_since = kNever;
        Moment began{};
        std::optional<os::QuietThread> quiet;
        std::optional<os::HelperThread> thread;
    };
    struct ToCallBack {
        std::shared_ptr<detail::AsyncCall> call;
        bool starts;  // and has not ended
    };
    struct ThreadStart {
        std::shared_ptr<ThreadCore> core;
        Worker* worker;
    };
    using Stops = std::vector<std::stop_source>;
    using OnDrop = detail::FunctionRef<void(std::size_t index)>;

    ThreadCore(PoolOptions options, std::function<void()> initializer);
    void start();
    void start_worker(const Lock& lock);
    static void run_worker(void* start) noexcept;
    static void run_service(void* its_own) noexcept;

    void work(Worker& worker);
    bool initialize(Lock& lock);
    void count_failed_start(const std::exception_ptr& error, Stops& stops);
    bool take_share(Lock& lock, Worker& worker);
    bool has_work() const noexcept { return !again_.empty() || !queue_.empty(); }
    void carry_out(Lock& lock, Worker& worker);
    void run_item(Lock& lock, Worker& worker);
    void begin(Worker& worker);
    void count(Worker& worker, const ThreadJob& job);
    void fail(ThreadJob& job, std::size_t index, std::size_t runs, std::exception_ptr error);
    bool wants_again(const ThreadJob& job, std::size_t runs, const std::exception_ptr& error) const;
    void outcome(ThreadJob& job, std::size_t items = 1);
    void finish(ThreadJob& job);
    void conclude(std::shared_ptr<detail::AsyncCall> call);

    void add(std::shared_ptr<ThreadJob> job);
    void wake(std::size_t items) noexcept;
    std::size_t drop_waiting(ThreadJob& job, OnDrop on_drop);
    void ask_to_stop(ThreadJob& job, Stops& stops) const;
    void extend(ThreadJob& job, std::size_t items);
    void leave(Lock& lock, ThreadJob& job) noexcept;
    const char* state_name() const noexcept;
    void abort(const std::exception_ptr& error);
    void end_all(const std::exception_ptr& error, Stops& stops);

    void end_overdue(Lock& lock);
    void give_up(Worker& worker);
    template <class Done>
    bool wait_until(Lock& lock, Done&& done, OnProgress on_progress, const Deadline& deadline);
    void let_go(Lock& lock);
    void let_go(Lock& lock, Stops& stops);

    void ensure_service();
    void serve();
    void call_back(Lock& lock);
    void end_service() noexcept;
    bool has_service() const noexcept { return state_ != State::ended && !service_ends_; }
    bool is_served_here() const noexcept { return server_ == std::this_thread::get_id(); }

    bool is_worker_here() const noexcept;

    void require_owner() const;
    void refuse_unless_running() const;
    std::size_t jobs() const noexcept { return jobs_.size() - idle_streams_; }
    void join_threads() noexcept;

    const PoolOptions options_;
    const pid_t owner_;
    const std::function<void()> initializer_;

    mutable std::mutex mutex_;
    std::condition_variable work_;     // workers that have nothing to do
    std::condition_variable changed_;  // who waits for something to end
    std::condition_variable service_;  // the thread that serves
    State state_ = State::running;
    bool leaving_ = false;  // workers end when there is nothing to do
    std::exception_ptr broken_;
    std::exception_ptr end_;  // what streams get from then on
    std::vector<std::unique_ptr<Worker>> workers_;
    std::size_t alive_ = 0;  // workers that have not ended
    std::size_t idle_ = 0;
    std::size_t size_ = 0;  // workers that are wanted
    Slowest slowest_;

    std::unordered_map<const ThreadJob*, std::shared_ptr<ThreadJob>> jobs_;
    JobQueue queue_;                // jobs with items that were never handed out
    std::deque<Share> again_;       // items that are handed out once more
    std::size_t idle_streams_ = 0;  // among the jobs, without open items
    std::uint64_t outcomes_ = 0;    // of all jobs
    unsigned failed_starts_ = 0;    // in a row
    std::uint64_t outcomes_seen_ = 0;

    Moment next_due_ = kNever;  // no item is over its time before
    std::deque<ToCallBack> to_call_back_;
    bool calls_back_ = false;  // a callback is running
    bool service_ends_ = false;
    std::vector<std::shared_ptr<detail::AsyncCall>> concluded_;  // to be let go
    std::vector<std::shared_ptr<const void>> released_;          // the same
    std::atomic<std::thread::id> server_{};                      // who serves
    std::once_flag serving_;
    std::optional<os::QuietThread> quiet_;
    std::unique_ptr<os::HelperThread> service_thread_;
    std::mutex join_mutex_;  // of those who join threads
};

}  // namespace cohort::pool
