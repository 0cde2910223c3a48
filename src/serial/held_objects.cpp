// SPDX-License-Identifier: MIT
#include "serial/held_objects.hpp"

#include <cohort/base/errors.hpp>

namespace cohort::serial {

// Nobody comes here who has asked carries_descriptors().
std::uint32_t HeldObjects::add_descriptor(int, std::shared_ptr<const void>) {
    throw SerializationError({}, "descriptors cannot be sent this way");
}

int HeldObjects::take_descriptor(std::uint32_t) {
    throw SerializationError({}, "the message brings no descriptors");
}

}  // namespace cohort::serial
