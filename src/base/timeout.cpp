// SPDX-License-Identifier: MIT
#include <cohort/base/timeout.hpp>

#include <cohort/base/errors.hpp>

namespace cohort::detail {

void fail_timeout() {
    throw ValueError("a timeout is not a number (NaN)");
}

}  // namespace cohort::detail
