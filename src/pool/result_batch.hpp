// SPDX-License-Identifier: MIT
#pragma once

#include "pool/memory.hpp"
#include "pool/message.hpp"
#include "shm/lending_arena.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace cohort::pool {

/// The results of a chunk's items that their worker has not published yet: all of one size, one after the other in a
/// block that PlaceStats::batch names.
///
/// Thread safety: none.
/// DEATH: of the worker: its parent finds the results of the items from the first without an outcome to the one in the
/// roster line, which the worker writes there after add().
class ResultBatch {
public:
    ResultBatch(const Memory& memory, shm::LendingArena& arena, std::atomic<std::uint64_t>& name) noexcept
        : memory_(memory), arena_(arena), name_(name) {}

    /// REQUIRES: is_empty().
    /// @param result_bytes  of each result
    /// @param items         how many results come at most
    void begin(std::size_t result_bytes, std::size_t items) noexcept {
        result_bytes_ = result_bytes;
        items_ = items;
    }
    bool is_empty() const noexcept { return count_ == 0; }
    bool is_full() const noexcept { return result_bytes_ != 0 && at_ + result_bytes_ > end_; }

    /// Adds a result. REQUIRES: !is_full(), unless is_empty(). Throws what allocating throws.
    void add(const std::byte* result) {
        if (result_bytes_ != 0) append(result);
        ++count_;
    }

    /// The block is the receiver's, if there are more results than a message holds.
    void hand_over(Payload& payload) noexcept {
        payload.size = count_ * result_bytes_;
        items_ -= count_;
        count_ = 0;
        if (payload.size > Payload::kInline)
            payload.block = std::exchange(block_, {}).raw;
        else if (payload.size != 0)
            std::memcpy(payload.bytes, shm::LendingArena::data(memory_.segment(), block_), payload.size);
    }

private:
    // Not more than stay in a processor's cache until the parent reads them.
    static constexpr std::size_t kMostBytes = std::size_t{256} << 10;

    void append(const std::byte* result) {
        if (count_ == 0) open();
        std::memcpy(at_, result, result_bytes_);
        at_ += result_bytes_;
    }
    void open() {
        const std::size_t wanted = std::max(result_bytes_, std::min(items_ * result_bytes_, kMostBytes));
        if (!block_ || shm::LendingArena::capacity(memory_.segment(), block_) < wanted) reopen(wanted);
        at_ = shm::LendingArena::data(memory_.segment(), block_);
        end_ = at_ + shm::LendingArena::capacity(memory_.segment(), block_);
    }
    void reopen(std::size_t bytes) {
        if (block_) shm::LendingArena::give_back(memory_.segment(), std::exchange(block_, {}));
        block_ = arena_.allocate(bytes);
        name_.store(block_.raw, std::memory_order_release);  // before what is in it counts
    }

    const Memory& memory_;
    shm::LendingArena& arena_;
    std::atomic<std::uint64_t>& name_;
    shm::BlockId block_{};
    std::byte* at_ = nullptr;
    std::byte* end_ = nullptr;
    std::size_t count_ = 0;
    std::size_t result_bytes_ = 0;
    std::size_t items_ = 0;
};

}  // namespace cohort::pool
