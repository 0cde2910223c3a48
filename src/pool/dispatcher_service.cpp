// SPDX-License-Identifier: MIT
// What the thread of a pool does that serves asynchronous calls, and how it is called.
#include "pool/dispatcher.hpp"

#include <thread>
#include <utility>

namespace cohort::pool {

void Dispatcher::serve(os::QuietThread& quiet) {
    Lock lock = enter();
    server_ = std::this_thread::get_id();
    while (!service_ends_) {
        take_in();
        if (!to_call_back_.empty()) {
            followers_.notify_all();  // one of them may have found this thread leading
            call_back(lock, quiet);
        } else if (!leading_ && board_.asynchronous_jobs() != 0) {
            lead(lock, kNoEnd);
            if (!leading_) set_leads(false);
        } else if (!leading_ && !concluded_.empty()) {
            let_go(lock, std::exchange(concluded_, {}));
        } else {
            followers_.notify_all();
            wait_for_service(lock);
        }
    }
}

void Dispatcher::wait_for_service(Lock& lock) {
    server_waits_ = true;
    pay_attention();
    if (inbox_.empty()) {
        service_.wait(lock, [this] { return !server_waits_; });
        arrived();
    } else {
        server_waits_ = false;
        pay_attention();
    }
}

// To be called when this changes: whether somebody leads, whether he sleeps, whether there are more tasks than room,
// whether the thread that serves waits. Who does not see calls in the inbox after it hears of those that come.
void Dispatcher::pay_attention() noexcept {
    if (sleeps_)
        attention_.store(board_.has_more() ? Attention::none : Attention::leader);
    else
        attention_.store(server_waits_ && !leads_ ? Attention::service : Attention::none);
}

void Dispatcher::set_leads(bool leads) noexcept {
    if (std::exchange(leads_, leads) != leads && server_waits_) pay_attention();
}

// The leader lets it in.
void Dispatcher::call_server() {
    if (!std::exchange(server_waits_, false)) return;
    pay_attention();
    arrivals_.fetch_add(1, std::memory_order_relaxed);
    service_.notify_one();
}

void Dispatcher::tell_started() {
    for (auto& call : board_.take_started())
        if (has_service()) to_call_back_.push_back({std::move(call), true});
    if (!to_call_back_.empty()) call_server();
}

void Dispatcher::call_back(Lock& lock, os::QuietThread& quiet) {
    auto [call, starts] = std::move(to_call_back_.front());
    to_call_back_.pop_front();
    calls_back_ = true;
    lock.unlock();
    quiet.speaks(true);
    if (starts)
        call->run_start_callback();
    else if (call->has_callback())
        call->run_callback();
    if (!starts) {
        enter(lock);
        call->set_ready();
        followers_.notify_all();
        if (leading_) signals_.results.ring();  // who waits for it may be asleep as the leader
        lock.unlock();
        call->run_continuations();  // nobody adds to them any more
    }
    quiet.speaks(false);
    call.reset();
    enter(lock);
    calls_back_ = false;
    followers_.notify_all();
    if (leading_) signals_.results.ring();
}

// Their ends run code of the program, which may use this pool, wait for a result of it, or be the end of it: another
// thread may lead meanwhile, or this one within that code.
void Dispatcher::let_go(Lock& lock, std::vector<std::shared_ptr<detail::AsyncCall>> calls) {
    lock.unlock();
    for (const auto& call : calls) call->run_continuations();
    calls.clear();
    enter(lock);
}

void Dispatcher::end_service() {
    std::deque<ToCallBack> calls;
    Lock lock = enter();
    service_ends_ = true;
    calls.swap(to_call_back_);
    for (auto& [call, starts] : calls)
        if (!starts) call->set_ready();
    followers_.notify_all();
    call_server();
    signals_.results.ring();
    lock.unlock();
    for (auto& [call, starts] : calls)
        if (!starts) call->run_continuations();
}

}  // namespace cohort::pool
