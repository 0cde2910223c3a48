// SPDX-License-Identifier: MIT
#include "channel/item_sink.hpp"

#include <cohort/base/errors.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <new>

namespace cohort::channel {

namespace {

// Others take memory at the same time, also while a put_nowait() wants some.
constexpr std::chrono::milliseconds kLeastPatience{100};
// A window begins at a page.
constexpr std::size_t kPage = 4096;

}  // namespace

ItemSink::ItemSink(Memory& memory, QueueEnd& queue, const Deadline& deadline) noexcept
    : begin_(memory.bytes.data()), deadline_(deadline), may_stream_(!queue.core().joinable()), shown_(queue) {
    set_window(begin_, 0, memory.bytes.size());
    set_carrier(&memory.handles);
}

ItemSink::~ItemSink() {
    shown_.withdraw();
    if (block_) shm::tree_arena().free(block_);
}

std::span<const std::byte> ItemSink::bytes() const noexcept {
    return {begin_, size()};
}

void ItemSink::settle(std::size_t room) {
    if (!block_ && size() > room) move_to_block(size());
}

// A long range is asked for at once, so one block is enough for it. A message of many pieces doubles.
void ItemSink::grow(std::size_t more) {
    if (more > std::numeric_limits<std::size_t>::max() / 2 - size() - sizeof(BlockFront)) throw std::bad_alloc();
    move_to_block(std::max(size() + more, 2 * size()));
}

void ItemSink::copy(std::byte* to, const void* from, std::size_t size) noexcept {
    const auto begin = static_cast<std::size_t>(to - begin_);
    const std::size_t window = size >= cut_through_sizes.streamed ? window_ : 0;
    if (size >= cut_through_sizes.shown && shown_.show(block_, begin + size, begin, window))
        shown_.write({static_cast<const std::byte*>(from), size}, patience());
    else
        std::memcpy(to, from, size);
}

// One for the whole message, from when it is asked for first: a short one does not.
const Deadline& ItemSink::patience() noexcept {
    if (!patience_) {
        const auto left = deadline_.left();
        patience_ = left && *left < kLeastPatience ? Deadline(kLeastPatience) : deadline_;
    }
    return *patience_;
}

void ItemSink::move_to_block(std::size_t capacity) {
    shm::Arena& arena = shm::tree_arena();
    std::size_t bytes = sizeof(BlockFront) + capacity;
    std::size_t window = 0;
    if (may_stream_ && capacity >= cut_through_sizes.streamed) {
        bytes = (bytes + kPage - 1) / kPage * kPage;
        window = bytes - sizeof(BlockFront);
        bytes += cut_through_sizes.bytes_behind(capacity);
    }
    const shm::BlockName block = arena.allocate(shm::BlockTag::owned_by(shm::this_process()), bytes, patience());
    if (!block) throw Full("no memory for the item within the timeout: a process was stopped while it took some");
    std::byte* const data = arena.data(block) + sizeof(BlockFront);
    const std::size_t used = size();
    std::memcpy(data, begin_, used);
    shown_.withdraw();
    if (block_) arena.free(block_);
    block_ = block;
    window_ = window;
    begin_ = data;
    set_window(data, used, capacity);
}

}  // namespace cohort::channel
