// SPDX-License-Identifier: MIT
#pragma once

#include "os/threads.hpp"
#include "pool/crew.hpp"
#include "pool/inbox.hpp"
#include "pool/job.hpp"
#include "pool/memory.hpp"
#include "pool/task_board.hpp"
#include "pool/worker_source.hpp"
#include "shm/spinner.hpp"

#include <cohort/base/function_ref.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/pool/detail/async_call.hpp>

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace cohort::pool {

/// Carries tasks from their callers to the workers and results back. Of the threads that wait for something, one leads:
/// it puts tasks, takes results, looks after the workers, and sleeps while there is nothing to do; the others wait
/// until what they want has come, or until they are to lead. Only where there are asynchronous calls it needs a thread,
/// which leads when nobody waits.
///
/// Thread safety: all members, from any thread.
/// FORK: for the process that made it only, which also destroys it; whoever has it must see to that.
/// DEATH: of workers: see Crew.
class Dispatcher {
public:
    using Clock = std::chrono::steady_clock;
    /// Called at least every 100 ms by a thread that waits, with the mutex held: it may look at its job.
    using OnProgress = detail::FunctionRef<void()>;

    Dispatcher(const Memory& memory, shm::Owner parent, WorkerSource& source, std::string pool_name,
               serial::Target target);
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    /// Asks for the workers.
    void start();

    /// Takes a job, and waits until all its items have a result or an error.
    /// @throws Interrupted on Ctrl-C: nothing more of the job is handed out, its results are dropped
    /// @throws ValueError after close(), BrokenPoolError
    /// @param on_progress  called now and then
    void run(const std::shared_ptr<Job>& job, OnProgress on_progress);

    /// Takes a job of an asynchronous call: from now on serve() is needed.
    /// @throws as run()
    void submit(std::shared_ptr<Job> job);
    /// Takes an asynchronous call of one item that needs no job yet, mostly without the mutex.
    /// @throws as run()
    void submit(const std::shared_ptr<detail::AsyncCall>& call);
    /// Waits until the call of a job that was submitted is ready.
    /// @returns false if the time is up
    /// @throws Interrupted on Ctrl-C
    bool wait_for(detail::AsyncCall& call, const Deadline& deadline);
    /// Ends the call of a job that was submitted.
    /// @returns false if it has ended already
    bool cancel(detail::AsyncCall& call);
    /// Whether a worker is at it.
    bool is_running(const detail::AsyncCall& call);
    /// Has `use` called when the call is ready.
    /// @returns false if it is ready now
    bool when_ready(detail::AsyncCall& call, std::function<void()> use);
    /// Takes a job whose items come by and by.
    /// @throws as run()
    void open(std::shared_ptr<Job> job);
    /// Adds to its items, and waits until `done`; both are called with the mutex held.
    /// @returns false if the time is up
    /// @throws Interrupted; what the pool ended with, but not before `done` has had the results that are there
    bool exchange(Job& job, detail::FunctionRef<std::size_t()> add, detail::FunctionRef<bool()> done,
                  const Deadline& deadline);
    /// Nothing more of the job is run.
    void abandon(Job& job);
    /// What the thread of the pool does: it leads while there are asynchronous jobs and nobody else does, and calls
    /// callbacks. Returns after end_service().
    /// @param quiet  of the thread that calls this
    void serve(os::QuietThread& quiet);
    /// Whether this is the thread that serves.
    bool is_served_here() const noexcept { return server_ == std::this_thread::get_id(); }
    /// No callback begins any more; calls whose callbacks have not run are ready. serve() returns soon.
    void end_service();

    /// No new jobs.
    void close();
    /// After close(): waits until all jobs have ended, and lets the workers go.
    /// @returns whether they go because of this call; nothing if the time is up
    std::optional<bool> finish(const Deadline& deadline);
    /// Gives every open item of every job this error, now; no new jobs.
    void abort(const std::exception_ptr& error);
    bool is_running() const;
    /// @throws ValueError, BrokenPoolError as run()
    void require_running() const;
    /// RUN, CLOSE or TERMINATE, as Python has it.
    const char* state_name() const;

    /// The workers; waits for those that are being started.
    std::vector<pid_t> pids();
    PoolStats stats();
    /// @throws ValueError, BrokenPoolError as run()
    void resize(std::size_t workers);
    std::size_t size() const;

private:
    using Lock = std::unique_lock<std::mutex>;
    using Moment = Clock::time_point;
    static constexpr Moment kNoEnd = Moment::max();
    static Moment end_of(const Deadline& deadline);
    enum class State { running, closed, ended };
    // What a thread has to do that has put a call into the inbox.
    enum class Attention {
        none,    // who leads or serves is awake, or has no room for more tasks: it looks before it sleeps, or goes
        leader,  // it sleeps, and has to be rung for
        service  // nobody looks: the thread that serves has to be called, with the mutex
    };

    Lock enter() const;
    void enter(Lock& lock) const;
    void arrived() const;
    void take_in() { take_in(inbox_.take()); }
    void take_in(QueueLinks* calls);
    void close_inbox() { take_in(inbox_.close()); }
    void pay_attention() noexcept;
    void set_leads(bool leads) noexcept;
    void wake_followers();
    void wait_for_service(Lock& lock);
    void refuse_unless_running() const;
    template <class Done>
    bool wait_until(Lock& lock, Done&& done, OnProgress on_progress, Moment end = kNoEnd);
    void lead(Lock& lock, Moment end);
    void cancel(Job& job, const std::exception_ptr& error);
    void conclude_ended();
    void conclude_all();
    void conclude(std::shared_ptr<detail::AsyncCall> call);
    void call_server();
    void call_back(Lock& lock, os::QuietThread& quiet);
    void let_go(Lock& lock, std::vector<std::shared_ptr<detail::AsyncCall>> calls);
    void tell_started();
    bool has_service() const noexcept { return state_ != State::ended && !service_ends_; }
    void end_overdue();
    Moment next_look(Moment end) const;
    bool step();
    bool somebody_wants_in() const noexcept { return arrivals_.load(std::memory_order_relaxed) != 0; }
    void let_in(Lock& lock);
    void rest(Lock& lock, Moment end);
    void sleep(Lock& lock, shm::Doorbell::Ticket ticket, Moment end);
    bool work_has_come() const;
    bool spin();
    void look_after_workers(bool thoroughly);
    void end_all(const std::exception_ptr& error);

    Signals& signals_;
    TaskBoard board_;
    Crew crew_;

    mutable std::mutex mutex_;
    mutable std::condition_variable leader_;     // the leader, while it lets others in
    std::condition_variable followers_;          // threads that wait for a job while another one leads
    std::condition_variable service_;            // the thread that serves, while it has nothing to do
    mutable std::atomic<unsigned> arrivals_{0};  // threads that want the mutex
    std::atomic<bool> leading_{false};           // the leader does not hold the mutex now, but will go on
    State state_ = State::running;
    Inbox inbox_;
    std::atomic<Attention> attention_{Attention::none};  // the thread that serves looks when it starts
    bool leads_ = false;                                 // a thread, which looks into the inbox before it goes
    bool sleeps_ = false;                                // the leader
    bool followers_may_go_ = false;                      // something has ended that one of them may wait for
    struct ToCallBack {
        std::shared_ptr<detail::AsyncCall> call;
        bool starts;  // and has not ended
    };
    std::deque<ToCallBack> to_call_back_;
    Moment overdue_look_{};                                      // when to look for items that run too long
    bool calls_back_ = false;                                    // a callback is running
    std::vector<std::shared_ptr<detail::AsyncCall>> concluded_;  // to be let go
    bool server_waits_ = false;                                  // and has not been called
    bool service_ends_ = false;
    std::atomic<std::thread::id> server_{};  // who serves
    std::exception_ptr broken_;
    std::exception_ptr end_;  // what streams get from then on
    shm::Spinner spinner_;
    std::vector<shm::Watch> watches_;
    const unsigned processors_;
};

}  // namespace cohort::pool
