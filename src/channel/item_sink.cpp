// SPDX-License-Identifier: MIT
#include "channel/item_sink.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

namespace cohort::channel {

ItemSink::ItemSink(Memory& memory) noexcept : begin_(memory.bytes.data()) {
    set_window(begin_, 0, memory.bytes.size());
    set_carrier(&memory.handles);
}

ItemSink::~ItemSink() {
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
    if (more > std::numeric_limits<std::size_t>::max() / 2 - size()) throw std::bad_alloc();
    move_to_block(std::max(size() + more, 2 * size()));
}

void ItemSink::move_to_block(std::size_t capacity) {
    shm::Arena& arena = shm::tree_arena();
    const shm::BlockName block = arena.allocate(shm::BlockTag::owned_by(shm::this_process()), capacity);
    std::byte* const data = arena.data(block);
    const std::size_t used = size();
    std::memcpy(data, begin_, used);
    if (block_) arena.free(block_);
    block_ = block;
    begin_ = data;
    set_window(data, used, capacity);
}

}  // namespace cohort::channel
