// SPDX-License-Identifier: MIT
#include "manager/shared/handle_methods.hpp"

#include "manager/types/slices.hpp"

#include <chrono>

namespace cohort::manager {

Timeout timeout_argument(const Object* timeout) {
    if (!timeout || timeout->is_none()) return forever;
    if (!is_int(*timeout) && !timeout->is(Object::Kind::floating))
        raise_type_error("'" + timeout->type_name() + "' object cannot be interpreted as an integer");
    return std::chrono::duration<double>(timeout->as_float());
}

Timeout wait_arguments(const Object* block, const Object* timeout) {
    if (block && !block->truth()) return std::chrono::seconds(0);
    if (timeout && !timeout->is_none() && *timeout < Object(0))
        raise_value_error("'timeout' must be a non-negative number");
    return timeout_argument(timeout);
}

detail::Wait acquire_wait(const detail::MethodCall& call) {
    const auto given = bind_to<2>(call, {"blocking", "timeout"}, 0);
    const bool polls = given[0] && !given[0]->truth();
    return {call.caller, polls ? Timeout(std::chrono::seconds(0)) : timeout_argument(given[1])};
}

}  // namespace cohort::manager
