// SPDX-License-Identifier: MIT
#include "manager/types/timeouts.hpp"

#include "manager/python_error.hpp"
#include "manager/types/slices.hpp"

#include <chrono>

namespace cohort::manager {

Timeout timeout_argument(const Call& call, std::size_t place) {
    const Object* given = place < call.args().size() ? &call.args()[place] : call.kwds().find("timeout");
    if (!given || given->is_none()) return forever;
    if (!is_int(*given) && !given->is(Object::Kind::floating))
        raise_type_error("'" + given->type_name() + "' object cannot be interpreted as an integer");
    return std::chrono::duration<double>(given->as_float());
}

}  // namespace cohort::manager
