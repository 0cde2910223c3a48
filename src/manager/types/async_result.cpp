// SPDX-License-Identifier: MIT
#include "manager/types/async_result.hpp"

#include "manager/types/timeouts.hpp"

#include <utility>

namespace cohort::manager {

namespace {

void fail_timeout(Call& call) {
    call.fail(Object::exception("multiprocessing.context", "TimeoutError", {}));
}

}  // namespace

AsyncResultReferent::AsyncResultReferent(Timers& timers)
    : getters_(WaitingCalls::make(timers, fail_timeout)),
      waiters_(WaitingCalls::make(timers, [](Call& call) { call.reply({}); })) {}

const Methods<AsyncResultReferent>& AsyncResultReferent::methods() {
    using Self = AsyncResultReferent;
    static const Methods<Self> all{
        {"get", nullptr, with_keywords()},
        {"ready", &Self::ready, takes(0)},
        {"successful", &Self::successful, takes(0)},
        {"wait", nullptr, with_keywords()},
    };
    return all;
}

const std::vector<std::string_view>& AsyncResultReferent::exposed() const {
    return methods().exposed();
}

void AsyncResultReferent::call(Call& call) {
    const bool gets = call.method() == "get";
    if (!gets && call.method() != "wait") return call.reply(methods().run(*this, call, "AsyncResult"));
    const Deadline deadline(timeout_argument(call, 0));
    if (outcome_ && gets) return outcome_->answer(call);
    if (outcome_ || (!gets && deadline.passed())) return call.reply({});
    if (deadline.passed()) return fail_timeout(call);
    (gets ? getters_ : waiters_)->add(call, deadline);
}

Object AsyncResultReferent::value() const {
    raise_type_error("cannot pickle '_thread.lock' object");
}

void AsyncResultReferent::take(Outcome outcome) {
    outcome_ = std::move(outcome);
    while (auto call = getters_->take_first()) outcome_->answer(*call);
    while (auto call = waiters_->take_first()) call->reply({});
}

void AsyncResultReferent::client_gone(ClientId client) {
    getters_->client_gone(client);
    waiters_->client_gone(client);
}

Object AsyncResultReferent::ready(const Parameters&) {
    return outcome_.has_value();
}

Object AsyncResultReferent::successful(const Parameters&) {
    if (!outcome_) raise_value_error(repr() + " not ready");
    return !outcome_->failed;
}

ResultIterator::ResultIterator(Timers& timers, Order order, std::size_t count)
    : count_(count), order_(order), waiting_(WaitingCalls::make(timers, [](Call& call) { call.reply({}); })) {}

const std::vector<std::string_view>& ResultIterator::exposed() const {
    static const std::vector<std::string_view> all{"__next__", "send", "throw", "close"};
    return all;
}

void ResultIterator::call(Call& call) {
    if (call.method() != "__next__") throw NoSuchMethod();
    waiting_->add(call, Deadline(forever));
    give_some();
}

Object ResultIterator::value() const {
    raise_type_error("cannot pickle '_thread.lock' object");
}

void ResultIterator::take(std::size_t number, Outcome outcome) {
    const std::size_t place = order_ == Order::of_tasks ? number - given_ : outcomes_.size();
    if (place >= outcomes_.size()) outcomes_.resize(place + 1);
    outcomes_[place] = std::move(outcome);
    give_some();
}

void ResultIterator::give_some() {
    while (!waiting_->empty() && (given_ == count_ || (!outcomes_.empty() && outcomes_.front()))) {
        auto call = waiting_->take_first();
        if (given_ == count_) {
            call->fail(Object::exception("StopIteration", {}));
            continue;
        }
        ++given_;
        const Outcome next = std::move(*outcomes_.front());
        outcomes_.pop_front();
        next.answer(*call);
    }
}

}  // namespace cohort::manager
