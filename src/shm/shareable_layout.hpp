// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/shm/shareable_item.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cohort::shm {

/// Where CPython's ShareableList has its parts (docs/shared-memory-layout.md), in a segment of `n` items:
/// the number n; n + 1 offsets of slots; the slots; n formats of 8 bytes, as Python's `struct` has them; n codes.
/// Numbers are of 8 bytes, in the machine's order.
///
/// Thread safety: const members as reading the memory; no lock is taken.
/// Invariants: 1. every part lies in the memory. 2. Slots lie one after the other, and hold at least 8 bytes each.
class ShareableLayout {
public:
    /// The layout that these items get.
    /// @throws ValueError  a text or bytes of 10,000,000 bytes or more, whose format finds no room
    explicit ShareableLayout(std::span<const ShareableItem> items);

    /// The layout that the memory says it has.
    /// @throws SerializationError  there is no ShareableList in it
    static ShareableLayout read(std::span<const std::byte> memory);

    std::size_t items() const noexcept { return offsets_.size() - 1; }
    /// All parts together.
    std::size_t bytes() const noexcept;

    /// Writes everything: to memory of bytes() bytes.
    void write_all(std::span<std::byte> memory, std::span<const ShareableItem> items) const;

    /// @param index  below items()
    /// @throws SerializationError  format or code are none that Python writes
    ShareableItem get(std::span<const std::byte> memory, std::size_t index) const;

    /// @throws ValueError  the item is longer than the slot; nothing was written
    void set(std::span<std::byte> memory, std::size_t index, const ShareableItem& item) const;

    /// The format of one item: `q`, `d`, `xxxxxxx?`, `24s`, `xxxxxx?x`.
    std::string format(std::span<const std::byte> memory, std::size_t index) const;

private:
    ShareableLayout() = default;
    std::size_t data_start() const noexcept { return (items() + 2) * 8; }
    std::size_t slot(std::size_t index) const noexcept;
    std::size_t slot_bytes(std::size_t index) const noexcept;
    std::size_t format_at(std::size_t index) const noexcept;
    std::size_t code_at(std::size_t index) const noexcept;
    void put(std::span<std::byte> memory, std::size_t index, const std::string& format,
             const ShareableItem& item) const;

    std::vector<std::uint64_t> offsets_;  // of the slots, from the start of the first one
};

}  // namespace cohort::shm
