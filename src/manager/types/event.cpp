// SPDX-License-Identifier: MIT
#include "manager/types/event.hpp"

#include "manager/types/timeouts.hpp"

#include <utility>

namespace cohort::manager {

EventReferent::~EventReferent() {
    for (const auto& [number, waiter] : waiters_) timers_.cancel(waiter.timer);
}

const Methods<EventReferent>& EventReferent::methods() {
    using Self = EventReferent;
    static const Methods<Self> all{
        {"is_set", &Self::is_set, takes(0)},
        {"set", &Self::set, takes(0)},
        {"clear", &Self::clear, takes(0)},
        {"wait", nullptr, with_keywords()},
    };
    return all;
}

const std::vector<std::string_view>& EventReferent::exposed() const {
    return methods().exposed();
}

void EventReferent::call(Call& call) {
    if (call.method() == "wait")
        wait(call);
    else
        call.reply(methods().run(*this, call, "Event"));
}

Object EventReferent::value() const {
    raise_type_error("cannot pickle '_thread.lock' object");
}

std::string EventReferent::repr() const {
    return set_ ? "<threading.Event: set>" : "<threading.Event: unset>";
}

void EventReferent::client_gone(ClientId client) {
    std::erase_if(waiters_, [&](const auto& each) {
        const bool gone = each.second.call.client() == client;
        if (gone) timers_.cancel(each.second.timer);
        return gone;
    });
}

Object EventReferent::is_set(const Parameters&) {
    return set_;
}

Object EventReferent::set(const Parameters&) {
    set_ = true;
    for (auto& [number, waiter] : std::exchange(waiters_, {})) {
        timers_.cancel(waiter.timer);
        waiter.call.reply(true);
    }
    return {};
}

Object EventReferent::clear(const Parameters&) {
    set_ = false;
    return {};
}

void EventReferent::wait(Call& call) {
    const Deadline deadline(timeout_argument(call, 0));
    if (set_ || deadline.passed()) return call.reply(set_);
    const std::uint64_t number = ++last_waiter_;
    Timers::Id timer = 0;
    if (const auto at = deadline.at())
        timer = timers_.call_at(*at, [self = weak_from_this(), number] {
            if (const auto event = self.lock()) event->time_is_up(number);
        });
    waiters_.emplace(number, Waiter{std::move(call), timer});
}

void EventReferent::time_is_up(std::uint64_t number) {
    auto waiter = waiters_.extract(number);
    if (!waiter.empty()) waiter.mapped().call.reply(false);
}

}  // namespace cohort::manager
