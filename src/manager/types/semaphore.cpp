// SPDX-License-Identifier: MIT
#include "manager/types/semaphore.hpp"

#include "manager/types/arguments.hpp"
#include "manager/types/slices.hpp"
#include "manager/types/timeouts.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace cohort::manager {

namespace {

constexpr std::string_view kTryLock = "#cohort.try_lock";

std::int64_t checked_value(const Object& value) {
    if (!is_int(value)) raise_type_error("'" + value.type_name() + "' object cannot be interpreted as an integer");
    if (value < Object(0)) raise_value_error("semaphore initial value must be >= 0");
    return clamped_int(value);
}

bool is_guard(const Call& call) {
    return call.method() == kTryLock || (call.args().empty() && call.kwds().empty());
}

}  // namespace

SemaphoreReferent::SemaphoreReferent(Timers& timers, Kind kind, const Object& value)
    : kind_(kind),
      initial_(checked_value(value)),
      value_(initial_),
      waiting_(WaitingCalls::make(timers, [](Call& call) { call.reply(false); })) {}

const Methods<SemaphoreReferent>& SemaphoreReferent::methods() {
    using Self = SemaphoreReferent;
    static const Methods<Self> all{
        {"acquire", nullptr, with_keywords()},
        {"release", nullptr, with_keywords()},
        {"locked", &Self::locked, takes(0)},
        {kTryLock, nullptr, with_keywords(), false},
        {"#cohort.get_value", &Self::get_value, takes(0), false},
    };
    return all;
}

const std::vector<std::string_view>& SemaphoreReferent::exposed() const {
    return methods().exposed();
}

std::string_view SemaphoreReferent::type_name() const {
    return kind_ == Kind::bounded ? "<class 'threading.BoundedSemaphore'>" : "<class 'threading.Semaphore'>";
}

Object SemaphoreReferent::value() const {
    raise_type_error("cannot pickle '_thread.lock' object");
}

std::string SemaphoreReferent::repr() const {
    const std::string value = "value=" + std::to_string(value_);
    if (kind_ == Kind::unbounded) return "<threading.Semaphore: " + value + ">";
    return "<threading.BoundedSemaphore: " + value + "/" + std::to_string(initial_) + ">";
}

void SemaphoreReferent::call(Call& call) {
    if (call.method() == "release") return release(call);
    if (call.method() == kTryLock) return acquire(call, false, forever);
    if (call.method() != "acquire") return call.reply(methods().run(*this, call, "Semaphore"));
    const auto [blocking, timeout] = bind_arguments("Semaphore.acquire", {{"blocking", true}, "timeout"}, call);
    if (!blocking.truth() && !timeout.is_none()) raise_value_error("can't specify timeout for non-blocking acquire");
    acquire(call, blocking.truth(), timeout_from(timeout));
}

// Nobody waits while there are units.
void SemaphoreReferent::acquire(Call& call, bool blocking, const Timeout& timeout) {
    const Deadline deadline(timeout);
    if (value_ > 0) return grant(call);
    if (!blocking || deadline.passed()) return call.reply(false);
    waiting_->add(call, deadline);
}

void SemaphoreReferent::grant(Call& call) {
    --value_;
    if (is_guard(call)) ++held_by(call);
    call.reply(true);
}

void SemaphoreReferent::release(Call& call) {
    const Object n = bind_arguments("Semaphore.release", {{"n", 1}}, call)[0];
    if (!is_int(n)) raise_type_error("'" + n.type_name() + "' object cannot be interpreted as an integer");
    if (n < Object(1)) raise_value_error("n must be one or more");
    const std::int64_t units = clamped_int(n);
    const std::int64_t most = kind_ == Kind::bounded ? initial_ : std::numeric_limits<std::int64_t>::max();
    if (units > most - value_) raise_value_error("Semaphore released too many times");
    Held& all = call.holder() ? by_process_ : by_connection_;
    if (const auto held = all.find(call.holder() ? call.holder() : call.client()); held != all.end())
        if ((held->second -= units) <= 0) all.erase(held);
    add(units);
    call.reply({});
}

void SemaphoreReferent::add(std::int64_t units) {
    value_ += units;
    while (value_ > 0) {
        auto next = waiting_->take_first();
        if (!next) return;
        grant(*next);
    }
}

std::int64_t& SemaphoreReferent::held_by(const Call& call) {
    return call.holder() ? by_process_[call.holder()] : by_connection_[call.client()];
}

void SemaphoreReferent::client_gone(ClientId client) {
    waiting_->client_gone(client);
    give_back(by_connection_, client);
}

void SemaphoreReferent::give_back(Held& held, std::uint64_t holder) {
    const auto units = held.extract(holder);
    if (units.empty()) return;
    // Others may have released what the dead held.
    add(kind_ == Kind::bounded ? std::min(units.mapped(), initial_ - value_) : units.mapped());
}

Object SemaphoreReferent::locked(const Parameters&) {
    return value_ == 0;
}

Object SemaphoreReferent::get_value(const Parameters&) {
    return value_;
}

}  // namespace cohort::manager
