// SPDX-License-Identifier: MIT
#include "manager/types/barrier.hpp"

#include "manager/types/arguments.hpp"
#include "manager/types/slices.hpp"
#include "manager/types/timeouts.hpp"

#include <utility>

namespace cohort::manager {

namespace {

Object broken_barrier() {
    return Object::exception("threading", "BrokenBarrierError", {});
}

std::size_t checked_parties(const Object& parties, const Object& action) {
    if (!is_int(parties))
        raise_type_error("'<' not supported between instances of '" + parties.type_name() + "' and 'int'");
    if (parties < Object(1)) raise_value_error("parties must be > 0");
    if (!action.is_none())
        raise_type_error("a Barrier in a server of cohort takes no action: it runs no code of clients");
    return static_cast<std::size_t>(clamped_int(parties));
}

}  // namespace

BarrierReferent::BarrierReferent(Timers& timers, const Object& parties, const Object& action, const Object& timeout)
    : parties_(checked_parties(parties, action)),
      timeout_(timeout_from(timeout)),
      waiting_(WaitingCalls::make(timers, [this](Call& call) {
          call.fail(broken_barrier());
          break_down();
      })) {}

const Methods<BarrierReferent>& BarrierReferent::methods() {
    using Self = BarrierReferent;
    static const Methods<Self> all{
        {"__getattribute__", &Self::attribute, slot(1)},
        {"wait", nullptr, with_keywords()},
        {"abort", &Self::abort, takes(0)},
        {"reset", &Self::reset, takes(0)},
    };
    return all;
}

const std::vector<std::string_view>& BarrierReferent::exposed() const {
    return methods().exposed();
}

Object BarrierReferent::value() const {
    raise_type_error("cannot pickle '_thread.lock' object");
}

std::string BarrierReferent::repr() const {
    if (broken_) return "<threading.Barrier: broken>";
    return "<threading.Barrier: waiters=" + std::to_string(waiting_->size()) + "/" + std::to_string(parties_) + ">";
}

void BarrierReferent::call(Call& call) {
    if (call.method() == "wait")
        wait(call);
    else
        call.reply(methods().run(*this, call, "Barrier"));
}

// The one that comes last answers all: so those that wait are of one generation, and their order is their number.
void BarrierReferent::wait(Call& call) {
    const Object given = bind_arguments("Barrier.wait", {"timeout"}, call)[0];
    const Deadline deadline(given.is_none() ? timeout_ : timeout_from(given));
    if (broken_) throw PythonError(broken_barrier());
    if (waiting_->size() + 1 == parties_) {
        for (std::int64_t number = 0; auto each = waiting_->take_first(); ++number) each->reply(number);
        return call.reply(parties_ - 1);
    }
    if (deadline.passed()) {
        break_down();
        throw PythonError(broken_barrier());
    }
    waiting_->add(call, deadline);
}

Object BarrierReferent::abort(const Parameters&) {
    break_down();
    return {};
}

Object BarrierReferent::reset(const Parameters&) {
    fail_waiting();
    broken_ = false;
    return {};
}

Object BarrierReferent::attribute(const Parameters& given) {
    if (!given[0].is(Object::Kind::str))
        raise_type_error("attribute name must be string, not '" + given[0].type_name() + "'");
    const std::string_view name = given[0].as_str();
    if (name == "parties") return parties_;
    if (name == "n_waiting") return waiting_->size();
    if (name == "broken") return broken_;
    raise("AttributeError", "'Barrier' object has no attribute " + given[0].repr());
}

void BarrierReferent::fail_waiting() {
    while (auto each = waiting_->take_first()) each->fail(broken_barrier());
}

void BarrierReferent::break_down() {
    broken_ = true;
    fail_waiting();
}

void BarrierReferent::client_gone(ClientId client) {
    if (waiting_->client_gone(client)) break_down();
}

}  // namespace cohort::manager
