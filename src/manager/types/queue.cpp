// SPDX-License-Identifier: MIT
#include "manager/types/queue.hpp"

#include <cohort/base/errors.hpp>

#include "manager/types/timeouts.hpp"

#include <chrono>
#include <utility>

namespace cohort::manager {

namespace {

// An argument by its place or its name.
Object queue_argument(const Call& call, std::size_t place, const char* name, const Object& otherwise) {
    if (place < call.args().size()) return call.args()[place];
    const Object* named = call.kwds().find(Object(name));
    return named ? *named : otherwise;
}

// How long put() and get() wait. @param place  of the argument `block`; `timeout` follows
Deadline queue_deadline(const Call& call, std::size_t place) {
    if (call.method().ends_with("_nowait") || !queue_argument(call, place, "block", true).truth())
        return Deadline(std::chrono::seconds(0));
    const Object timeout = queue_argument(call, place + 1, "timeout", {});
    if (!timeout.is_none() && timeout < Object(0)) raise_value_error("'timeout' must be a non-negative number");
    return Deadline(timeout_argument(call, place + 1));
}

void check_positional(const Call& call, Arity arity) {
    if (call.args().size() > arity.most) check_arity(Parameters(call, "Queue"), arity);
}

void fail_with(Call& call, const char* name) {
    call.fail(Object::exception("queue", name, {}));
}

}  // namespace

QueueReferent::QueueReferent(Timers& timers, std::int64_t maxsize)
    : maxsize_(maxsize),
      getters_(WaitingCalls::make(timers, [](Call& call) { fail_with(call, "Empty"); })),
      putters_(WaitingCalls::make(timers, [](Call& call) { fail_with(call, "Full"); })),
      joiners_(WaitingCalls::make(timers, [](Call& call) { call.reply({}); })) {}

const Methods<QueueReferent>& QueueReferent::methods() {
    using Self = QueueReferent;
    static const Methods<Self> all{
        {"empty", &Self::empty, python(0)},         {"full", &Self::full, python(0)},
        {"get", nullptr, with_keywords()},          {"get_nowait", nullptr, with_keywords()},
        {"join", nullptr, with_keywords()},         {"put", nullptr, with_keywords()},
        {"put_nowait", nullptr, with_keywords()},   {"qsize", &Self::size, python(0)},
        {"task_done", &Self::task_done, python(0)},
    };
    return all;
}

const std::vector<std::string_view>& QueueReferent::exposed() const {
    return methods().exposed();
}

void QueueReferent::call(Call& call) {
    const std::string_view method = call.method();
    if (method == "get" || method == "get_nowait") return get(call);
    if (method == "put" || method == "put_nowait") return put(call);
    if (method == "join") return join(call);
    call.reply(methods().run(*this, call, "Queue"));
}

Object QueueReferent::value() const {
    raise_type_error("cannot pickle '_thread.lock' object");
}

void QueueReferent::client_gone(ClientId client) {
    for (const auto& each : {getters_, putters_, joiners_}) each->client_gone(client);
}

Object QueueReferent::empty(const Parameters&) {
    return items_.empty();
}

Object QueueReferent::full(const Parameters&) {
    return is_full();
}

Object QueueReferent::size(const Parameters&) {
    return items_.size();
}

Object QueueReferent::task_done(const Parameters&) {
    if (unfinished_ == 0) raise_value_error("task_done() called too many times");
    if (--unfinished_ == 0)
        while (auto joiner = joiners_->take_first()) joiner->reply({});
    return {};
}

// Nobody waits for an item while there is one, nor for room while there is room.
void QueueReferent::put(Call& call) {
    check_positional(call, call.method() == "put" ? python(1, 3) : python(1));
    if (call.args().empty() && !call.kwds().contains("item"))
        raise_type_error("Queue.put() missing 1 required positional argument: 'item'");
    const Deadline deadline = queue_deadline(call, 1);
    if (!is_full()) {
        add(queue_argument(call, 0, "item", {}));
        return call.reply({});
    }
    if (deadline.passed()) return fail_with(call, "Full");
    putters_->add(call, deadline);
}

void QueueReferent::add(Object item) {
    ++unfinished_;
    if (auto getter = getters_->take_first())
        getter->reply(std::move(item));
    else
        items_.push_back(std::move(item));
}

void QueueReferent::get(Call& call) {
    check_positional(call, call.method() == "get" ? python(0, 2) : python(0));
    const Deadline deadline = queue_deadline(call, 0);
    if (!items_.empty()) return call.reply(take());
    if (deadline.passed()) return fail_with(call, "Empty");
    getters_->add(call, deadline);
}

Object QueueReferent::take() {
    Object item = std::move(items_.front());
    items_.pop_front();
    if (auto putter = putters_->take_first()) {
        add(queue_argument(*putter, 0, "item", {}));
        putter->reply({});
    }
    return item;
}

void QueueReferent::join(Call& call) {
    if (unfinished_ == 0) return call.reply({});
    joiners_->add(call, Deadline(forever));
}

}  // namespace cohort::manager
