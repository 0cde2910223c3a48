// SPDX-License-Identifier: MIT
#include "shm/lending_arena.hpp"

#include "os/mapping.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <new>

namespace cohort::shm {

namespace {

constexpr std::size_t kLine = 64;
// A name: the offset in lines (up to 128 TiB), then the number of the loan.
constexpr unsigned kLoanBits = 23;
constexpr std::uint32_t kLoanMask = (1U << kLoanBits) - 1;
constexpr std::uint32_t kOut = 1U << kLoanBits;

BlockId name_of(std::uint64_t offset, std::uint32_t loan) {
    return {offset / kLine << kLoanBits | loan};
}
std::uint64_t offset_of(BlockId block) {
    return (block.raw >> kLoanBits) * kLine;
}
std::uint32_t loan_of(BlockId block) {
    return static_cast<std::uint32_t>(block.raw) & kLoanMask;
}

std::size_t round_up(std::size_t value, std::size_t step) {
    return (value + step - 1) & ~(step - 1);
}

}  // namespace

struct LendingArena::Header {
    std::atomic<std::uint32_t> loan;  // kOut while out
    std::uint32_t class_index;
    std::uint64_t populated;  // bytes from the header on; used by the owner only, for large blocks
};

LendingArena::LendingArena(const Segment& segment, std::size_t offset, std::size_t bytes)
    : segment_(&segment), next_(offset), end_(offset + bytes) {
    static_assert(sizeof(Header) <= kLine);
}

LendingArena::Header& LendingArena::header(const Segment& segment, std::uint64_t offset) noexcept {
    return *segment.at<Header>(offset);
}

BlockId LendingArena::allocate(std::size_t bytes) {
    if (bytes > (std::size_t{1} << (kSmallestShift + kClasses - 1)) - kLine) throw std::bad_alloc();
    const auto width = static_cast<unsigned>(std::bit_width(bytes + kLine - 1));
    const unsigned index = std::max(width, kSmallestShift) - kSmallestShift;
    SizeClass& blocks = classes_[index];
    blocks.out.reserve(blocks.out.size() + 1 > blocks.out.capacity() ? 2 * blocks.out.size() + 16 : 0);
    const std::uint64_t offset = obtain(index);
    Header& block = header(*segment_, offset);
    if (block.populated != 0 && block.populated < bytes + kLine) {
        blocks.free.push_back(offset);  // where it stays if there is no memory
        populate(offset, bytes + kLine);
        blocks.free.pop_back();
    }
    const std::uint32_t loan = (block.loan.load(std::memory_order_relaxed) + 1) & kLoanMask;
    // Relaxed: the name reaches others by a ring, whose commit orders it.
    block.loan.store(loan | kOut, std::memory_order_relaxed);
    blocks.out.push_back(offset);
    return name_of(offset, loan);
}

// A free block of the class, not out and in no list.
std::uint64_t LendingArena::obtain(unsigned index) {
    SizeClass& blocks = classes_[index];
    constexpr std::size_t kFewLooks = 4;
    if (const std::uint64_t returned = find_returned(blocks, kFewLooks)) return returned;
    if (!blocks.free.empty()) {
        const std::uint64_t offset = blocks.free.back();
        blocks.free.pop_back();
        return offset;
    }
    if (const std::uint64_t fresh = carve(index)) return fresh;
    if (const std::uint64_t returned = find_returned(blocks, blocks.out.size())) return returned;
    throw std::bad_alloc();
}

// The block that went out last is the warmest, if it is back; the others are looked at in turn. 0: none.
std::uint64_t LendingArena::find_returned(SizeClass& blocks, std::size_t looks) noexcept {
    auto& out = blocks.out;
    for (std::size_t look = 0; look != looks && !out.empty(); ++look) {
        if (look != 0 && ++blocks.next_look >= out.size()) blocks.next_look = 0;
        const std::size_t place = look == 0 ? out.size() - 1 : blocks.next_look;
        const std::uint64_t offset = out[place];
        // Acquire: the borrower has read it before we write it again.
        if ((header(*segment_, offset).loan.load(std::memory_order_acquire) & kOut) != 0) continue;
        out[place] = out.back();
        out.pop_back();
        return offset;
    }
    return 0;
}

// New space for a block of the class; 0 when the range is used up.
std::uint64_t LendingArena::carve(unsigned index) {
    const std::size_t bytes = std::size_t{1} << (kSmallestShift + index);
    if (bytes >= kLarge) {
        const std::uint64_t offset = carve_range(bytes, os::page_size());
        if (offset == 0) return 0;
        try {
            segment_->populate(offset, os::page_size());
        } catch (...) {
            next_ = offset;  // nothing was carved
            throw;
        }
        new (&header(*segment_, offset)) Header{{}, index, os::page_size()};
        populated_ += os::page_size();
        return offset;
    }
    if (slab_end_ - slab_next_ < bytes) {
        const std::uint64_t slab = carve_range(kSlab, os::page_size());
        if (slab == 0) return 0;
        segment_->populate(slab, kSlab);
        slab_next_ = slab;
        slab_end_ = slab + kSlab;
    }
    const std::uint64_t offset = slab_next_;
    slab_next_ += bytes;
    new (&header(*segment_, offset)) Header{{}, index, 0};
    return offset;
}

std::uint64_t LendingArena::carve_range(std::size_t bytes, std::size_t alignment) {
    const std::uint64_t begin = round_up(next_, alignment);
    if (begin > end_ || bytes > end_ - begin) return 0;
    next_ = begin + bytes;
    return begin;
}

void LendingArena::populate(std::uint64_t offset, std::size_t bytes) {
    Header& block = header(*segment_, offset);
    const std::size_t wanted = round_up(bytes, os::page_size());
    segment_->populate(offset + block.populated, wanted - block.populated);
    populated_ += wanted - block.populated;
    block.populated = wanted;
}

bool LendingArena::give_back(const Segment& segment, BlockId block) noexcept {
    std::uint32_t out = loan_of(block) | kOut;
    // Release: what we read is read before the owner writes it again.
    return header(segment, offset_of(block))
        .loan.compare_exchange_strong(out, loan_of(block), std::memory_order_release, std::memory_order_relaxed);
}

std::byte* LendingArena::data(const Segment& segment, BlockId block) noexcept {
    return segment.at(offset_of(block) + kLine);
}

std::size_t LendingArena::capacity(const Segment& segment, BlockId block) noexcept {
    return (std::size_t{1} << (kSmallestShift + header(segment, offset_of(block)).class_index)) - kLine;
}

bool LendingArena::all_returned() const noexcept {
    bool all = true;
    for (const SizeClass& blocks : classes_)
        for (const std::uint64_t offset : blocks.out)
            all = all && (header(*segment_, offset).loan.load(std::memory_order_acquire) & kOut) == 0;
    return all;
}

void LendingArena::trim(std::size_t keep) noexcept {
    try {
        // From the largest on: they give most back for one system call.
        for (auto blocks = classes_.rbegin(); blocks != classes_.rend() && populated_ > keep; ++blocks)
            trim_class(*blocks, keep);
    } catch (...) {
        // The memory stays, warm.
    }
}

void LendingArena::trim_class(SizeClass& blocks, std::size_t keep) {
    blocks.free.reserve(blocks.free.size() + blocks.out.size());
    while (const std::uint64_t returned = find_returned(blocks, blocks.out.size())) blocks.free.push_back(returned);
    for (const std::uint64_t offset : blocks.free) {
        Header& block = header(*segment_, offset);
        if (populated_ <= keep) return;
        if (block.populated <= os::page_size()) continue;
        segment_->discard(offset + os::page_size(), block.populated - os::page_size());
        populated_ -= block.populated - os::page_size();
        block.populated = os::page_size();
    }
}

}  // namespace cohort::shm
