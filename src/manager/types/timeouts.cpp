// SPDX-License-Identifier: MIT
#include "manager/types/timeouts.hpp"

#include "manager/python_error.hpp"
#include "manager/types/slices.hpp"

#include <chrono>

namespace cohort::manager {

Timeout timeout_argument(const Call& call, std::size_t place) {
    const Object* given = place < call.args().size() ? &call.args()[place] : call.kwds().find("timeout");
    return given ? timeout_from(*given) : forever;
}

Timeout timeout_from(const Object& seconds) {
    if (seconds.is_none()) return forever;
    if (!is_int(seconds) && !seconds.is(Object::Kind::floating))
        raise_type_error("'" + seconds.type_name() + "' object cannot be interpreted as an integer");
    return std::chrono::duration<double>(seconds.as_float());
}

}  // namespace cohort::manager
