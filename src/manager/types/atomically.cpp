// SPDX-License-Identifier: MIT
#include "manager/types/atomically.hpp"

#include <cohort/serial/pickle.hpp>

#include "manager/python_error.hpp"
#include "manager/types/slices.hpp"

namespace cohort::manager::atomically {

bool is_same(const Object& value, const Object& seen) {
    return value == seen || pickle::dumps(value) == pickle::dumps(seen);
}

Object compare_exchange(Object& value, const Object& expected, const Object& desired) {
    const Object before = value;
    const bool same = is_same(before, expected);
    if (same) value = desired;
    return Object::tuple({Object(same), before});
}

Object sum(const Object& left, const Object& right, const Object& least, const Object& most) {
    const auto is_number = [](const Object& object) { return is_int(object) || object.is(Object::Kind::floating); };
    if (!is_number(left) || !is_number(right))
        raise_type_error("unsupported operand type(s) for +=: '" + left.type_name() + "' and '" + right.type_name() +
                         "'");
    if (!is_int(left) || !is_int(right)) return left.as_float() + right.as_float();
    std::int64_t result = 0;
    if (!left.fits_int64() || !right.fits_int64() || __builtin_add_overflow(left.as_int(), right.as_int(), &result))
        raise("OverflowError", "the sum does not fit in 64 bits");
    Object sum(result);
    if ((!least.is_none() && sum < least) || (!most.is_none() && most < sum))
        raise("OverflowError", "the sum " + std::to_string(result) + " is not in " + least.repr() + ".." + most.repr());
    return sum;
}

}  // namespace cohort::manager::atomically
