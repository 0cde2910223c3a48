// SPDX-License-Identifier: MIT
#include "manager/types/lock.hpp"

#include "manager/types/arguments.hpp"
#include "manager/types/timeouts.hpp"

#include <chrono>
#include <utility>

namespace cohort::manager {

namespace {

Timeout acquire_timeout(const Call& call) {
    const auto [blocking, timeout] = bind_arguments("acquire", {{"blocking", true}, {"timeout", -1}}, call);
    const bool unlimited = timeout.is_none() || timeout == Object(-1);
    if (!blocking.truth()) {
        if (!unlimited) raise_value_error("can't specify a timeout for a non-blocking call");
        return std::chrono::seconds(0);
    }
    if (unlimited) return forever;
    const Timeout limit = timeout_from(timeout);
    if (timeout < Object(0)) raise_value_error("timeout value must be a non-negative number");
    return limit;
}

}  // namespace

LockReferent::LockReferent(Timers& timers, Kind kind)
    : kind_(kind), waiting_(WaitingCalls::make(timers, [](Call& call) { call.reply(false); })) {}

const Methods<LockReferent>& LockReferent::methods() {
    using Self = LockReferent;
    static const Methods<Self> all{
        {"acquire", nullptr, with_keywords()},
        {"release", nullptr, takes(0)},
        {"locked", &Self::locked, takes(0)},
        {"#cohort.abandoned", &Self::abandoned, takes(0), false},
    };
    return all;
}

const std::vector<std::string_view>& LockReferent::exposed() const {
    return methods().exposed();
}

std::string_view LockReferent::type_name() const {
    return kind_ == Kind::plain ? "<class '_thread.lock'>" : "<class '_thread.RLock'>";
}

Object LockReferent::value() const {
    raise_type_error(kind_ == Kind::plain ? "cannot pickle '_thread.lock' object"
                                          : "cannot pickle '_thread.RLock' object");
}

std::string LockReferent::repr() const {
    const std::string state = owner_ ? "<locked " : "<unlocked ";
    if (kind_ == Kind::plain) return state + "_thread.lock object>";
    return state + "_thread.RLock object owner=" + std::to_string(owner_ ? owner_->client : 0) +
           " count=" + std::to_string(depth_) + ">";
}

void LockReferent::call(Call& call) {
    if (owner_ && owner_->client == call.client()) notified_among_.reset();
    if (call.method() == "acquire") return acquire(call);
    if (call.method() == "release") return release(call);
    call.reply(methods().run(*this, call, "lock"));
}

void LockReferent::acquire(Call& call) {
    const Deadline deadline(acquire_timeout(call));
    if (!owner_) return grant(std::move(call));
    if (kind_ == Kind::recursive && owner_->client == call.client()) {
        ++depth_;
        return call.reply(true);
    }
    if (deadline.passed()) return call.reply(false);
    waiting_->add(call, deadline);
}

void LockReferent::grant(Call call) {
    const auto comeback = comebacks_.extract(call.client());
    const Comeback back = comeback.empty() ? Comeback() : comeback.mapped();
    owner_ = Owner{call.client(), call.holder()};
    depth_ = back.depth;
    notified_among_ = back.notified ? back.waiters : Waiters();
    call.reply(comeback.empty() || back.notified);
}

void LockReferent::release(Call& call) {
    check_arity(Parameters(call, "lock"), takes(0));
    if (!is_owned_by(call.client()))
        raise("RuntimeError", kind_ == Kind::plain ? "release unlocked lock" : "cannot release un-acquired lock");
    if (--depth_ == 0) hand_over(false);
    call.reply({});
}

void LockReferent::hand_over(bool abandoned) {
    owner_.reset();
    depth_ = 0;
    abandoned_ = abandoned;
    notified_among_.reset();
    if (auto next = waiting_->take_first()) grant(std::move(*next));
}

Object LockReferent::locked(const Parameters&) {
    return owner_.has_value();
}

Object LockReferent::abandoned(const Parameters&) {
    return owner_ && abandoned_;
}

bool LockReferent::is_owned_by(ClientId client) {
    if (!owner_) return false;
    if (owner_->client == client) notified_among_.reset();
    return kind_ == Kind::plain || owner_->client == client;
}

void LockReferent::give_up(ClientId client, Waiters waiters) {
    comebacks_[client] = {depth_, false, std::move(waiters)};
    hand_over(false);
}

void LockReferent::come_back(Call call, bool notified) {
    comebacks_[call.client()].notified = notified;
    if (owner_)
        waiting_->add(call, Deadline(forever));
    else
        grant(std::move(call));
}

void LockReferent::client_gone(ClientId client) {
    waiting_->client_gone(client);
    if (const auto back = comebacks_.extract(client); !back.empty() && back.mapped().notified)
        pass_on(back.mapped().waiters);
    const bool ends_with_connection = kind_ == Kind::recursive || (owner_ && owner_->holder == 0);
    if (owner_ && owner_->client == client && ends_with_connection) abandon();
}

void LockReferent::holder_gone(HolderId holder) {
    if (owner_ && owner_->holder == holder) abandon();
}

void LockReferent::abandon() {
    const Waiters waiters = std::exchange(notified_among_, {});
    hand_over(true);
    pass_on(waiters);
}

void LockReferent::pass_on(const Waiters& waiters) {
    const auto alive = waiters.lock();
    if (!alive) return;
    if (auto next = alive->take_first()) come_back(std::move(*next), true);
}

}  // namespace cohort::manager
