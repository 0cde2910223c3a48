// SPDX-License-Identifier: MIT
#include "manager/types/event.hpp"

#include "manager/types/timeouts.hpp"

#include <utility>

namespace cohort::manager {

EventReferent::EventReferent(Timers& timers)
    : waiting_(WaitingCalls::make(timers, [](Call& call) { call.reply(false); })) {}

const Methods<EventReferent>& EventReferent::methods() {
    using Self = EventReferent;
    static const Methods<Self> all{
        {"is_set", &Self::is_set, python(0)},
        {"set", &Self::set, python(0)},
        {"clear", &Self::clear, python(0)},
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

Object EventReferent::is_set(const Parameters&) {
    return set_;
}

Object EventReferent::set(const Parameters&) {
    set_ = true;
    while (auto call = waiting_->take_first()) call->reply(true);
    return {};
}

Object EventReferent::clear(const Parameters&) {
    set_ = false;
    return {};
}

void EventReferent::wait(Call& call) {
    const Deadline deadline(timeout_argument(call, 0));
    if (set_ || deadline.passed()) return call.reply(set_);
    waiting_->add(call, deadline);
}

}  // namespace cohort::manager
