// SPDX-License-Identifier: MIT
#include "manager/types/condition.hpp"

#include "manager/types/arguments.hpp"
#include "manager/types/slices.hpp"
#include "manager/types/timeouts.hpp"

#include <algorithm>
#include <utility>

namespace cohort::manager {

ConditionReferent::ConditionReferent(Timers& timers, std::shared_ptr<LockReferent> lock)
    : lock_(std::move(lock)),
      waiting_(WaitingCalls::make(timers, [this](Call& call) { lock_->come_back(std::move(call), false); })) {}

const std::vector<std::string_view>& ConditionReferent::exposed() const {
    static const std::vector<std::string_view> names{"acquire", "release", "wait", "notify", "notify_all", "locked"};
    return names;
}

std::string ConditionReferent::repr() const {
    return "<Condition(" + lock_->repr() + ", " + std::to_string(waiting_->size()) + ")>";
}

void ConditionReferent::call(Call& call) {
    if (call.method() == "wait")
        wait(call);
    else if (call.method() == "notify" || call.method() == "notify_all")
        notify(call);
    else
        lock_->call(call);
}

void ConditionReferent::require_lock(const Call& call, const char* verb) const {
    if (!lock_->is_owned_by(call.client()))
        raise("RuntimeError", std::string("cannot ") + verb + " on un-acquired lock");
}

void ConditionReferent::wait(Call& call) {
    const Deadline deadline(timeout_from(bind_arguments("Condition.wait", {"timeout"}, call)[0]));
    require_lock(call, "wait");
    lock_->give_up(call.client(), waiting_);
    if (deadline.passed())
        lock_->come_back(std::move(call), false);
    else
        waiting_->add(call, deadline);
}

void ConditionReferent::notify(Call& call) {
    std::size_t most = waiting_->size();
    if (call.method() == "notify") {
        const Object n = bind_arguments("Condition.notify", {{"n", 1}}, call)[0];
        if (!is_int(n)) raise_type_error("'" + n.type_name() + "' object cannot be interpreted as an integer");
        most = std::min(most, static_cast<std::size_t>(std::max<std::int64_t>(0, clamped_int(n))));
    } else {
        check_arity(Parameters(call, "Condition"), takes(0));
    }
    require_lock(call, "notify");
    for (; most > 0; --most) lock_->come_back(*waiting_->take_first(), true);
    call.reply({});
}

void ConditionReferent::client_gone(ClientId client) {
    waiting_->client_gone(client);
    lock_->client_gone(client);
}

}  // namespace cohort::manager
