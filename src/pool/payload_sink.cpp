// SPDX-License-Identifier: MIT
#include "pool/payload_sink.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

namespace cohort::pool {

namespace {

constexpr std::size_t kSmallestBlock = 448;  // 512 with its header

}  // namespace

std::byte* PayloadSink::begin() const noexcept {
    if (block_) return shm::LendingArena::data(memory_.segment(), block_);
    return payload_ ? payload_->bytes : nullptr;
}

void PayloadSink::drop_block() noexcept {
    if (block_) shm::LendingArena::give_back(memory_.segment(), block_);
    block_ = {};
}

void PayloadSink::grow(std::size_t more) {
    if (!payload_) {
        payload_ = &place();
        set_window(payload_->bytes, 0, Payload::kInline);
        if (more <= Payload::kInline) return;
    }
    const std::size_t used = size();
    if (more > std::numeric_limits<std::size_t>::max() / 2 - used) throw std::bad_alloc();
    // The first block is as large as is asked for: often that is all. A message of many pieces doubles.
    move_to_block(std::max(used + more, block_ ? 2 * used : kSmallestBlock));
}

void PayloadSink::move_to_block(std::size_t capacity) {
    const std::size_t used = size();
    const shm::BlockId block = arena_.allocate(capacity);
    std::byte* data = shm::LendingArena::data(memory_.segment(), block);
    std::memcpy(data, begin(), used);
    drop_block();
    block_ = block;
    set_window(data, used, shm::LendingArena::capacity(memory_.segment(), block));
}

void PayloadSink::finish() {
    if (!payload_) payload_ = &place();
    payload_->size = size();
    // A block whose bytes were taken back again is not needed.
    if (size() <= Payload::kInline && block_) {
        std::memcpy(payload_->bytes, begin(), size());
        drop_block();
    }
    if (block_) payload_->block = block_.raw;
    block_ = {};
}

void PayloadSink::rewind(std::size_t size) noexcept {
    if (!payload_) return;
    const std::size_t capacity =
        block_ ? shm::LendingArena::capacity(memory_.segment(), block_) : std::size_t{Payload::kInline};
    set_window(begin(), size, capacity);
}

void PayloadSink::overwrite(std::size_t offset, const void* data, std::size_t size) noexcept {
    std::memcpy(begin() + offset, data, size);
}

}  // namespace cohort::pool
