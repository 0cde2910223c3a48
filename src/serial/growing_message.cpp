// SPDX-License-Identifier: MIT
#include <cohort/serial/growing_message.hpp>

namespace cohort::serial {

GrowingMessage::~GrowingMessage() = default;

}  // namespace cohort::serial
