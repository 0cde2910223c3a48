// SPDX-License-Identifier: MIT
#include "channel/cut_through.hpp"

#include "shm/tree.hpp"

#include <algorithm>
#include <bit>
#include <new>

namespace cohort::channel {

namespace {

// So much is read before the next look for an item.
constexpr std::size_t kReadAtOnce = std::size_t{1} << 20;

BlockFront& front_of(shm::BlockName block) noexcept {
    return *std::launder(reinterpret_cast<BlockFront*>(shm::tree_arena().data(block)));
}

}  // namespace

bool ShownBlock::show(shm::BlockName block, std::size_t size, std::size_t written) noexcept {
    const shm::Arena& arena = shm::tree_arena();
    std::uint64_t shown = queue_->shown().load(std::memory_order_acquire);
    if (shown != 0 && arena.exists(std::bit_cast<shm::BlockName>(shown))) return false;
    // Stores, as who has read of an earlier block in this place may still look.
    BlockFront& front = front_of(block);
    front.size.store(size, std::memory_order_relaxed);
    front.written.store(written, std::memory_order_relaxed);
    front.has_reader.store(false, std::memory_order_relaxed);
    if (!queue_->shown().compare_exchange_strong(shown, std::bit_cast<std::uint64_t>(block), std::memory_order_release,
                                                 std::memory_order_relaxed))
        return false;
    block_ = block;
    queue_->core().wake_takers();
    return true;
}

void ShownBlock::advance(std::size_t written) noexcept {
    front_of(block_).written.store(written, std::memory_order_release);
    queue_->core().wake_takers();
}

void ShownBlock::withdraw() noexcept {
    if (!block_) return;
    auto mine = std::bit_cast<std::uint64_t>(block_);
    queue_->shown().compare_exchange_strong(mine, 0, std::memory_order_relaxed);
    block_ = {};
}

bool CutThroughReader::ready() const noexcept {
    if (state_ == State::over) return false;
    const std::uint64_t shown = queue_->shown().load(std::memory_order_acquire);
    if (state_ == State::looking) return shown != 0;
    return shown == std::bit_cast<std::uint64_t>(block_) &&
           front_of(block_).written.load(std::memory_order_relaxed) > seen_;
}

void CutThroughReader::work() noexcept {
    if (state_ == State::looking) {
        const auto block = std::bit_cast<shm::BlockName>(queue_->shown().load(std::memory_order_acquire));
        if (!block) return;
        state_ = begin(block) ? State::reading : State::over;
        return;
    }
    // The block may be gone by now, and used for something else: then what is read is forgotten, as it is never taken.
    const std::size_t room = shm::tree_arena().capacity(block_) - sizeof(BlockFront);
    const std::size_t written = std::min<std::size_t>(front_of(block_).written.load(std::memory_order_acquire), room);
    if (written <= read_) return;
    seen_ = std::min(written, read_ + kReadAtOnce);
    read_ += message_->append({shm::tree_arena().data(block_) + sizeof(BlockFront) + read_, seen_ - read_});
}

bool CutThroughReader::begin(shm::BlockName block) noexcept {
    const shm::Arena& arena = shm::tree_arena();
    if (!arena.exists(block)) return false;
    BlockFront& front = front_of(block);
    if (front.has_reader.exchange(true, std::memory_order_relaxed)) return false;
    const std::size_t size = front.size.load(std::memory_order_relaxed);
    if (!arena.exists(block) || size > arena.capacity(block) - sizeof(BlockFront)) return false;
    serial::Source message({arena.data(block) + sizeof(BlockFront), size}, serial::Trust::channel);
    try {
        message_->begin(message);
    } catch (...) {
        message_->clear();  // whoever takes the message gets the error
        return false;
    }
    block_ = block;
    read_ = seen_ = size - message.left();
    return true;
}

std::size_t CutThroughReader::read_of(shm::BlockName block) noexcept {
    if (state_ != State::reading || block_ != block) {
        message_->clear();
        return 0;
    }
    return read_;
}

}  // namespace cohort::channel
