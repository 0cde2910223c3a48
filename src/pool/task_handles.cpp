// SPDX-License-Identifier: MIT
#include "pool/task_handles.hpp"

#include <cohort/base/errors.hpp>

#include "shm/descriptor_depot.hpp"
#include "shm/tree.hpp"

#include <span>
#include <utility>

namespace cohort::pool {

std::uint32_t TaskHandles::add_descriptor(int descriptor, std::shared_ptr<const void>) {
    auto object = shm::create_object(1);
    const shm::BlockName name = object->name();
    shm::descriptor_depot().leave(name, std::span(&descriptor, 1));
    objects_.insert(std::move(object));
    return name.place;
}

int TaskHandles::take_descriptor(std::uint32_t) {
    throw SerializationError({}, "a task is not read where it was written");
}

std::uint32_t ReceivedHandles::add_descriptor(int, std::shared_ptr<const void>) {
    throw SerializationError({}, "a task is not written where it is read");
}

int ReceivedHandles::take_descriptor(std::uint32_t number) {
    const shm::BlockName name = shm::tree_arena().name_at(number);
    if (!name) throw SerializationError({}, "the task brings no such descriptor");
    Descriptor copy = shm::descriptor_depot().copy(name);
    ++taken_;
    return copy.release();
}

void ReceivedHandles::add_object(std::shared_ptr<shm::Object>) {
    throw SerializationError({}, "a task is not written where it is read");
}

std::uint32_t ResultHandles::add_descriptor(int, std::shared_ptr<const void>) {
    throw SerializationError({}, "a result brings no descriptors");
}

int ResultHandles::take_descriptor(std::uint32_t) {
    throw SerializationError({}, "a result brings no descriptors");
}

void ResultHandles::add_object(std::shared_ptr<shm::Object>) {
    throw SerializationError({}, "a result brings no shared objects");
}

}  // namespace cohort::pool
