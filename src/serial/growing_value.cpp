// SPDX-License-Identifier: MIT
#include <cohort/serial/growing_value.hpp>

namespace cohort::serial {

GrowingValue::~GrowingValue() = default;

}  // namespace cohort::serial
