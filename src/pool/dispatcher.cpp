// SPDX-License-Identifier: MIT
#include "pool/dispatcher.hpp"

#include "pool/interrupt.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/base/scope_guard.hpp>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace cohort::pool {

namespace {

constexpr std::uint64_t kNever = ~std::uint64_t{0};
// The longest wait: the bound on every promise that depends on a wake that was lost.
constexpr std::chrono::milliseconds kPeriod = shm::Doorbell::kPeriod;

}  // namespace

Dispatcher::Dispatcher(const Memory& memory, shm::Owner parent, WorkerSource& source, std::string pool_name,
                       serial::Target target)
    : signals_(memory.signals()),
      board_(memory, parent, target),
      crew_(memory, board_, source, std::move(pool_name)),
      processors_(std::thread::hardware_concurrency()) {}

void Dispatcher::start() {
    crew_.start_all();
}

// A leader keeps the mutex as long as it has work; it lets those in who have announced themselves.
Dispatcher::Lock Dispatcher::enter() const {
    Lock lock(mutex_, std::defer_lock);
    enter(lock);
    return lock;
}

void Dispatcher::enter(Lock& lock) const {
    arrivals_.fetch_add(1, std::memory_order_relaxed);
    lock.lock();
    arrived();
}

void Dispatcher::arrived() const {
    if (arrivals_.fetch_sub(1, std::memory_order_relaxed) == 1) leader_.notify_all();
}

void Dispatcher::require_running() const {
    const Lock lock = enter();
    refuse_unless_running();
}

bool Dispatcher::is_running() const {
    const Lock lock = enter();
    return state_ == State::running && !broken_;
}

const char* Dispatcher::state_name() const {
    const Lock lock = enter();
    if (broken_ && state_ != State::ended) return "BROKEN";
    switch (state_) {
        case State::running:
            return "RUN";
        case State::closed:
            return "CLOSE";
        case State::ended:
            return "TERMINATE";
    }
    return "";
}

void Dispatcher::refuse_unless_running() const {
    if (broken_) std::rethrow_exception(broken_);
    if (state_ != State::running) throw ValueError("Pool not running");
}

void Dispatcher::run(const std::shared_ptr<Job>& job, OnProgress on_progress) {
    Lock lock = enter();
    refuse_unless_running();
    take_in();
    board_.add(job);
    if (leading_) signals_.results.ring();
    detail::ScopeGuard abandon([&] {
        if (!board_.has(*job)) return;
        board_.abandon(*job);
        if (leading_) signals_.results.ring();  // there may be room for other tasks
    });
    wait_until(
        lock, [&] { return !board_.has(*job); }, on_progress);
}

void Dispatcher::submit(std::shared_ptr<Job> job) {
    const Lock lock = enter();
    refuse_unless_running();
    job->async->set_job(job.get());
    if (job->items == 0) return conclude(job->async);
    take_in();
    board_.add(std::move(job));
    // Nobody is woken for what the workers are given at once: the thread that serves has to be there for the results.
    if (leading_)
        signals_.results.ring();
    else
        call_server();
}

void Dispatcher::submit(const std::shared_ptr<detail::AsyncCall>& call) {
    call->hold(call);
    if (!inbox_.put(*call)) {
        const auto refused = call->let_go();
        const Lock lock = enter();
        refuse_unless_running();
    }
    switch (attention_.load()) {
        case Attention::none:
            return;
        case Attention::leader:
            if (attention_.exchange(Attention::none) == Attention::leader) signals_.results.ring();
            return;
        case Attention::service:
            const Lock lock = enter();
            take_in();
            if (!leading_) call_server();
    }
}

void Dispatcher::take_in(QueueLinks* calls) {
    if (!calls) return;
    while (calls) {
        auto& call = static_cast<detail::AsyncCall&>(*calls);
        calls = calls->after;
        board_.add(call);
    }
    if (leading_) signals_.results.ring();
}

Dispatcher::Moment Dispatcher::end_of(const Deadline& deadline) {
    if (deadline.is_forever()) return kNoEnd;
    return deadline.at().value_or(Moment::min());  // a poll
}

bool Dispatcher::wait_for(detail::AsyncCall& call, const Deadline& deadline) {
    Lock lock = enter();
    // A callback may ask for a result whose own callback comes after it, or is itself.
    const auto done = [&] { return call.ready() || (is_served_here() && call.concluded()); };
    call.set_awaited();
    return wait_until(
        lock, done, [] {}, end_of(deadline));
}

bool Dispatcher::cancel(detail::AsyncCall& call) {
    std::vector<std::shared_ptr<detail::AsyncCall>> gone;
    Lock lock = enter();
    if (call.concluded()) return false;
    take_in();
    const auto error = std::make_exception_ptr(CancelledError("the call was cancelled"));
    if (call.job())
        cancel(static_cast<Job&>(*call.job()), error);
    else
        board_.cancel(call, error);
    conclude_ended();
    followers_.notify_all();
    if (leading_)
        signals_.results.ring();
    else
        call_server();
    gone.swap(concluded_);
    lock.unlock();
    for (const auto& ended : gone) ended->run_continuations();
    return true;
}

// The job may end here: what is asked of the workers comes first, and nobody takes results meanwhile.
void Dispatcher::cancel(Job& job, const std::exception_ptr& error) {
    const auto kept = board_.share(job);
    board_.cancel(job, error);
    crew_.end_running(job);
}

bool Dispatcher::is_running(const detail::AsyncCall& call) {
    const Lock lock = enter();
    return call.job() && crew_.is_running(static_cast<const Job&>(*call.job()));
}

bool Dispatcher::when_ready(detail::AsyncCall& call, std::function<void()> use) {
    const Lock lock = enter();
    if (call.ready()) return false;
    call.add_continuation(std::move(use));
    return true;
}

void Dispatcher::open(std::shared_ptr<Job> job) {
    const Lock lock = enter();
    refuse_unless_running();
    take_in();
    board_.add(std::move(job));
}

bool Dispatcher::exchange(Job& job, detail::FunctionRef<std::size_t()> add, detail::FunctionRef<bool()> done,
                          const Deadline& deadline) {
    Lock lock = enter();
    if (done()) return true;
    if (end_) std::rethrow_exception(end_);
    take_in();
    job.ahead.measure(job.ended(), crew_.size(), Clock::now());
    board_.extend(job, add());
    if (leading_) signals_.results.ring();
    // When the pool ends, every open item has its error.
    return wait_until(
        lock, done, [] {}, end_of(deadline));
}

void Dispatcher::abandon(Job& job) {
    const Lock lock = enter();
    if (!board_.has(job)) return;
    board_.abandon(job);
    if (leading_) signals_.results.ring();  // there may be room for other tasks
}

// The lock is held when this returns, and when it throws.
template <class Done>
bool Dispatcher::wait_until(Lock& lock, Done&& done, OnProgress on_progress, Moment end) {
    InterruptGuard interrupt;
    detail::ScopeGuard hand_over([&] {
        if (!leading_) set_leads(false);
        followers_.notify_all();
        take_in();
        if (board_.asynchronous_jobs() != 0) call_server();
    });
    while (!done()) {
        if (end != kNoEnd && Clock::now() >= end) return false;
        if (leading_)
            followers_.wait_until(lock, std::min(Clock::now() + kPeriod, end));
        else
            lead(lock, end);
        interrupt.check();
        on_progress();
    }
    return true;
}

void Dispatcher::lead(Lock& lock, Moment end) {
    set_leads(true);
    const bool moved = step();
    conclude_all();
    if (!concluded_.empty())
        let_go(lock, std::exchange(concluded_, {}));  // then another thread may lead
    else if (somebody_wants_in())
        let_in(lock);
    else if (!moved)
        rest(lock, end);
}

// The leader sees by itself that what it waits for has come, unless this is another thread and it sleeps.
void Dispatcher::wake_followers() {
    if (!std::exchange(followers_may_go_, false)) return;
    followers_.notify_all();
    if (leading_) signals_.results.ring();
}

// Whoever waits for them is told by the caller.
void Dispatcher::conclude_ended() {
    for (auto& call : board_.take_ended()) conclude(std::move(call));
}

void Dispatcher::conclude(std::shared_ptr<detail::AsyncCall> call) {
    call->conclude();
    call->set_job(nullptr);
    // What is called when it begins has returned before it is ready.
    if (has_service() && (call->has_callback() || call->has_continuations() || call->has_start_callback())) {
        to_call_back_.push_back({std::move(call), false});
        call_server();
    } else {
        call->set_ready();
        followers_may_go_ |= call->is_awaited();
        concluded_.push_back(std::move(call));
    }
}

bool Dispatcher::step() {
    take_in();
    bool moved = crew_.collect();
    moved |= crew_.send_arguments();
    look_after_workers(false);
    end_overdue();
    const bool put = board_.fill();
    crew_.fill_vacancies(board_.in_flight());
    return moved || put;
}

// Results that are there have been taken.
void Dispatcher::end_overdue() {
    if (!board_.shortest_timeout()) return;
    const Moment now = Clock::now();
    // A job with a shorter timeout may have come since the last look.
    overdue_look_ = std::min(overdue_look_, now + *board_.shortest_timeout());
    if (now >= overdue_look_) overdue_look_ = crew_.end_overdue(now);
}

// When a leader that finds nothing to do has to look again.
Dispatcher::Moment Dispatcher::next_look(Moment end) const {
    return board_.shortest_timeout() ? std::min(end, overdue_look_) : end;
}

void Dispatcher::let_in(Lock& lock) {
    leading_ = true;
    leader_.wait_for(lock, kPeriod, [&] { return arrivals_.load(std::memory_order_relaxed) == 0; });
    leading_ = false;
}

void Dispatcher::look_after_workers(bool thoroughly) {
    if (broken_ || state_ == State::ended) return;
    try {
        crew_.look_after(thoroughly);
    } catch (const BrokenPoolError&) {
        broken_ = std::current_exception();
        end_all(broken_);
    }
    conclude_all();
    if (!concluded_.empty()) call_server();
}

// What has begun or ended while results and deaths were looked at.
void Dispatcher::conclude_all() {
    if (board_.has_started_calls()) tell_started();
    if (board_.has_ended_calls()) conclude_ended();
    followers_may_go_ |= board_.take_news() || board_.jobs() == 0;
    wake_followers();
}

// Nothing is to be done now: sleeps until there is, or until somebody wants in.
void Dispatcher::rest(Lock& lock, Moment end) {
    if (spin()) return;
    const std::uint64_t half = board_.pacing().window() / 2;
    signals_.refill_ticket.store(board_.has_more() ? board_.next_ticket() - half : kNever, std::memory_order_relaxed);
    signals_.each_result.store(board_.pacing().tasks_are_long(), std::memory_order_relaxed);
    const auto ticket = signals_.results.listen();
    sleeps_ = true;
    pay_attention();
    const detail::ScopeGuard awake([&]() noexcept {
        sleeps_ = false;
        pay_attention();
    });
    if (work_has_come() || somebody_wants_in()) return;
    watches_.clear();
    if (crew_.watch_all(watches_)) sleep(lock, ticket, next_look(end));
    look_after_workers(true);
}

void Dispatcher::sleep(Lock& lock, shm::Doorbell::Ticket ticket, Moment end) {
    leading_ = true;
    lock.unlock();
    detail::ScopeGuard again([&] {
        lock.lock();
        leading_ = false;
    });
    signals_.results.wait(ticket, end == kNoEnd ? shm::Doorbell::Until() : end, watches_);
}

// Whether a leader that went to sleep now would be woken at once. While tasks are tiny and many wait, results alone are
// no reason: then the workers say when it is time for the next tasks, and nobody disturbs them before.
bool Dispatcher::work_has_come() const {
    if (crew_.has_news() || crew_.can_send() || (!board_.has_more() && !inbox_.empty())) return true;
    const std::size_t waiting = board_.waiting();
    if (board_.has_more() && waiting <= board_.pacing().window() / 2) return true;
    if (waiting == 0 || board_.pacing().tasks_are_long() || board_.has_parts()) return crew_.has_results();
    return crew_.is_held_up();
}

// Spinning pays only if it takes no processor from a worker.
bool Dispatcher::spin() {
    if (board_.in_flight() >= processors_) return false;
    return spinner_.spin([&]() noexcept { return work_has_come() || somebody_wants_in(); });
}

void Dispatcher::close() {
    const Lock lock = enter();
    if (state_ != State::running) return;
    state_ = State::closed;
    close_inbox();
    call_server();
}

std::optional<bool> Dispatcher::finish(const Deadline& deadline) {
    Lock lock = enter();
    if (is_served_here()) throw ValueError("a callback cannot join its own pool: it would wait for itself");
    const auto done = [&] { return board_.jobs() == 0 && to_call_back_.empty() && !calls_back_; };
    if (!wait_until(
            lock, done, [] {}, end_of(deadline)))
        return std::nullopt;
    if (state_ == State::ended) return false;
    state_ = State::ended;
    if (!end_) end_ = std::make_exception_ptr(CancelledError("the pool has ended"));
    crew_.disband();
    board_.end();
    signals_.tasks.ring();
    return true;
}

void Dispatcher::abort(const std::exception_ptr& error) {
    std::vector<std::shared_ptr<detail::AsyncCall>> gone;
    Lock lock = enter();
    state_ = State::ended;
    end_all(error);
    gone.swap(concluded_);
    lock.unlock();
    for (const auto& call : gone) call->run_continuations();
}

void Dispatcher::end_all(const std::exception_ptr& error) {
    if (!end_) end_ = error;
    crew_.disband();
    crew_.forget_losses(error);
    close_inbox();
    board_.fail_all(error);
    conclude_ended();
    followers_.notify_all();
    signals_.results.ring();
}

std::vector<pid_t> Dispatcher::pids() {
    Lock lock = enter();
    look_after_workers(true);
    const auto all_started = [&] {
        const auto pids = crew_.pids();
        return broken_ || state_ == State::ended || std::find(pids.begin(), pids.end(), 0) == pids.end();
    };
    wait_until(lock, all_started, [] {});
    if (broken_ || state_ == State::ended) return {};
    return crew_.pids();
}

PoolStats Dispatcher::stats() {
    const Lock lock = enter();
    look_after_workers(true);
    return crew_.stats();
}

void Dispatcher::resize(std::size_t workers) {
    const Lock lock = enter();
    refuse_unless_running();
    crew_.resize(workers);
    look_after_workers(true);
    if (leading_) signals_.results.ring();
}

std::size_t Dispatcher::size() const {
    const Lock lock = enter();
    return crew_.size();
}

}  // namespace cohort::pool
