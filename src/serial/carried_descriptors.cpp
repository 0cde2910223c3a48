// SPDX-License-Identifier: MIT
#include "serial/carried_descriptors.hpp"

#include <cohort/base/errors.hpp>

#include <string>
#include <utility>

namespace cohort::serial {

std::uint32_t OutgoingDescriptors::add_descriptor(int descriptor, std::shared_ptr<const void> keeper) {
    if (keeper) keepers_.push_back(std::move(keeper));
    list_.push_back(descriptor);
    return static_cast<std::uint32_t>(list_.size() - 1);
}

int OutgoingDescriptors::take_descriptor(std::uint32_t) {
    throw SerializationError({}, "a message that is being written has no descriptors to take");
}

void OutgoingDescriptors::add_object(std::shared_ptr<shm::Object> object) {
    objects_.push_back(std::move(object));
}

void OutgoingDescriptors::clear() noexcept {
    objects_.clear();
    list_.clear();
    keepers_.clear();
}

std::uint32_t IncomingDescriptors::add_descriptor(int, std::shared_ptr<const void>) {
    throw SerializationError({}, "a message that is being read takes no descriptors");
}

void IncomingDescriptors::add_object(std::shared_ptr<shm::Object>) {
    throw SerializationError({}, "a message that is being read takes no objects");
}

int IncomingDescriptors::take_descriptor(std::uint32_t number) {
    if (number >= list_.size() || !list_[number])
        throw SerializationError(
            {}, "the message brings no descriptor number " + std::to_string(number) + ", or it was taken before");
    return list_[number].release();
}

}  // namespace cohort::serial
