// SPDX-License-Identifier: MIT
#include "manager/types/waiting_calls.hpp"

#include <utility>

namespace cohort::manager {

WaitingCalls::~WaitingCalls() {
    for (const auto& [number, waiter] : waiters_) timers_.cancel(waiter.timer);
}

void WaitingCalls::add(Call& call, const Deadline& deadline) {
    const std::uint64_t number = ++last_;
    Timers::Id timer = 0;
    if (const auto at = deadline.at())
        timer = timers_.call_at(*at, [weak = weak_from_this(), number] {
            if (const auto calls = weak.lock()) calls->end_wait(number);
        });
    waiters_.emplace(number, Waiter{std::move(call), timer});
}

std::optional<Call> WaitingCalls::take_first() {
    if (waiters_.empty()) return {};
    auto first = waiters_.extract(waiters_.begin());
    timers_.cancel(first.mapped().timer);
    return std::move(first.mapped().call);
}

bool WaitingCalls::client_gone(ClientId client) {
    return std::erase_if(waiters_, [&](const auto& each) {
               const bool gone = each.second.call.client() == client;
               if (gone) timers_.cancel(each.second.timer);
               return gone;
           }) > 0;
}

void WaitingCalls::end_wait(std::uint64_t number) {
    auto waiter = waiters_.extract(number);
    if (!waiter.empty()) time_is_up_(waiter.mapped().call);
}

}  // namespace cohort::manager
