// SPDX-License-Identifier: MIT
#include <cohort/serial/handle_carrier.hpp>

namespace cohort::serial {

HandleCarrier::~HandleCarrier() = default;

}  // namespace cohort::serial
