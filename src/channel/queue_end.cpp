// SPDX-License-Identifier: MIT
#include "channel/queue_end.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace cohort::channel {

namespace {

/// At the beginning of the object.
struct alignas(128) QueueHead {
    std::uint64_t plain_size;
    std::atomic<std::uint64_t> shown;
};

// The functions for rings get the queue's object as their context.
shm::BlockTag part_of(void* context) noexcept {
    return shm::BlockTag::part_of(static_cast<const shm::Object*>(context)->name().place);
}

shm::RingMemory::Fresh allocate_ring(void*, std::size_t bytes) {
    shm::Arena& arena = shm::tree_arena();
    const shm::BlockName block = arena.allocate(shm::BlockTag::owned_by(shm::this_process()), bytes);
    std::byte* const data = arena.data(block);
    std::memset(data, 0, bytes);
    return {arena.segment().offset_of(data), std::bit_cast<std::uint64_t>(block)};
}

void keep_ring(void* context, std::uint64_t name) noexcept {
    shm::tree_arena().make_part(std::bit_cast<shm::BlockName>(name), part_of(context));
}

bool ring_is_kept(void* context, std::uint64_t name) noexcept {
    return shm::tree_arena().has(std::bit_cast<shm::BlockName>(name), part_of(context));
}

shm::RingMemory ring_memory(shm::Object& object) {
    return {shm::tree_arena().segment().at(0), &object, allocate_ring, keep_ring, ring_is_kept};
}

shm::QueueCore::Options options_of(std::uint64_t maxsize, std::size_t plain_size, bool joinable) {
    shm::QueueCore::Options options;
    options.maxsize = maxsize;
    options.joinable_lines = joinable ? shm::tree_arena().roster().lines() : 0;
    options.cell_bytes = static_cast<std::uint32_t>(
        plain_size == 0 ? QueueEnd::kMessageCell : std::max<std::size_t>(16, (plain_size + 15) / 8 * 8));
    return options;
}

}  // namespace

std::shared_ptr<shm::Object> QueueEnd::create(std::uint64_t maxsize, std::size_t plain_size, bool joinable) {
    const auto options = options_of(maxsize, plain_size, joinable);
    // The lines of processes are touched when they take.
    auto object = shm::create_object(sizeof(QueueHead) + shm::QueueCore::bytes(options),
                                     sizeof(QueueHead) + shm::QueueCore::bytes({}));
    new (object->data()) QueueHead{plain_size, 0};
    shm::QueueCore::format(object->data() + sizeof(QueueHead), options, ring_memory(*object));
    return object;
}

QueueEnd::QueueEnd(std::shared_ptr<shm::Object> object)
    : object_(std::move(object)),
      plain_size_(reinterpret_cast<const QueueHead*>(object_->data())->plain_size),
      core_(object_->data() + sizeof(QueueHead), ring_memory(*object_), shm::tree_arena().roster(),
            plain_size_ == 0 ? &QueueEnd::free_item : nullptr, this) {
    if (plain_size_ == 0) core_.show_abandoned(&QueueEnd::free_item);
}

void QueueEnd::free_item(void* context, std::uint64_t ticket, const std::byte* data) noexcept {
    const auto& queue = *static_cast<const QueueEnd*>(context);
    MessageHead head;
    std::memcpy(&head, data, sizeof head);
    const shm::BlockTag tag = shm::BlockTag::queued_in(queue.place(), ticket);
    for (const shm::BlockName block : {head.block, head.parcel})
        if (block) shm::tree_arena().free_if(block, tag);
}

std::atomic<std::uint64_t>& QueueEnd::shown() const noexcept {
    return reinterpret_cast<QueueHead*>(object_->data())->shown;
}

bool QueueEnd::ready(bool last) {
    const shm::Owner me = shm::this_process();
    object_->data();  // throws if this process does not hold it
    const shm::RingStatus status = last ? core_.poll_item(me) : core_.look(me);
    return status == shm::RingStatus::done || status == shm::RingStatus::ended;
}

}  // namespace cohort::channel
