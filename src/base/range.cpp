// SPDX-License-Identifier: MIT
#include <cohort/base/range.hpp>

#include <cohort/base/errors.hpp>

namespace cohort::detail {

void throw_zero_step() {
    throw ValueError("range() arg 3 must not be zero");
}

}  // namespace cohort::detail
