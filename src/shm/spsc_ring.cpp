// SPDX-License-Identifier: MIT
#include "shm/spsc_ring.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <new>
#include <stdexcept>
#include <string>

namespace cohort::shm {

namespace {

constexpr std::uint32_t kMagic = 0x43535053;  // "SPSC"
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kApart = 128;

}  // namespace

struct SpscRing::Header {
    std::uint32_t magic;
    std::uint32_t version;
    std::uint32_t cells;
    std::uint32_t cell_bytes;
    alignas(kApart) Word head;
};

namespace {
constexpr std::size_t kCellsAt = 2 * kApart;
}

std::size_t SpscRing::bytes(Shape shape) noexcept {
    // As docs/shared-memory-layout.md has it; another layout is another version.
    static_assert(offsetof(Header, head) == 128 && sizeof(Header) == 256 && kCellsAt == 256);
    return kCellsAt + std::size_t{shape.cells} * shape.cell_bytes;
}

void SpscRing::format(std::byte* memory, Shape shape) noexcept {
    auto* header = reinterpret_cast<Header*>(memory);
    header->cells = shape.cells;
    header->cell_bytes = shape.cell_bytes;
    header->version = kVersion;
    new (&header->head) Word(shape.cells);
    for (std::size_t i = 0; i != shape.cells; ++i) new (memory + kCellsAt + i * shape.cell_bytes) Word(kFree);
    header->magic = kMagic;
    std::atomic_thread_fence(std::memory_order_release);
}

SpscRing::SpscRing(std::byte* memory) {
    auto* header = reinterpret_cast<Header*>(memory);
    if (header->magic != kMagic || header->version != kVersion)
        throw std::runtime_error("cohort: this memory holds no ring of layout version " + std::to_string(kVersion));
    head_ = &header->head;
    cells_ = memory + kCellsAt;
    mask_ = header->cells - 1;
    cell_shift_ = static_cast<unsigned>(std::countr_zero(header->cell_bytes));
}

SpscWriter::SpscWriter(std::byte* memory) : SpscRing(memory) {
    const std::uint64_t head = head_->load(std::memory_order_acquire);
    tail_ = head;
    while (tail_ - head <= mask_ && word(tail_).load(std::memory_order_acquire) == tail_) ++tail_;
}

SpscReader::SpscReader(std::byte* memory) : SpscRing(memory) {
    next_ = head_->load(std::memory_order_acquire);
    wake_mask_ = std::max<std::uint64_t>(1, (mask_ + 1) / 8) - 1;
    // A reader that died inside release() may have left the cell before `head` as it was.
    if (word(next_ - 1).load(std::memory_order_acquire) == next_ - 1)
        word(next_ - 1).store(kFree, std::memory_order_release);
}

}  // namespace cohort::shm
