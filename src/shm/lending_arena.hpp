// SPDX-License-Identifier: MIT
#pragma once

#include "shm/segment.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cohort::shm {

/// Names a block that is out on loan: where it is and for which loan. 64 bits, to travel in a message; zero is no
/// block.
struct BlockId {
    std::uint64_t raw = 0;

    explicit operator bool() const noexcept { return raw != 0; }
    friend bool operator==(BlockId, BlockId) noexcept = default;
};

/// Memory for large payloads: one process allocates blocks in its own range of a segment, fills them and sends their
/// names; whoever has a block last gives it back, by one store, from any process. The owner finds returned blocks when
/// it allocates the next time, and uses the warmest one again: pages stay mapped and populated on both sides.
///
/// Layout of a block: a cache line with the loan, the size class and how much is populated, then the payload. All other
/// bookkeeping is in the owner's private memory.
///
/// Invariants
///  1. A block is out from allocate() to give_back(); only the owner makes it go out, with a new loan number.
///  2. give_back() of a loan that has ended does nothing (2^23 loans of one block later, a stale name could be taken
///  for a
///     new one).
///
/// Thread safety: the object belongs to one thread of the owner at a time; give_back(), data() and capacity() are for
/// any thread of any process that has mapped the segment. FORK: the child must not allocate from its copy; an arena of
/// its own is another range. DEATH: of the owner: its blocks stay readable, and whoever supervises it discards the
/// range when they are not needed any more. Of a borrower: whoever knows what it had gives it back in its name.
class LendingArena {
public:
    /// Takes over a range of the segment, which outlives this object. Nobody else uses the range.
    /// @param offset a multiple of the page size
    /// @param bytes what can ever be out and free together, sparse: reserve much
    LendingArena(const Segment& segment, std::size_t offset, std::size_t bytes);

    /// A block with room for `bytes`, aligned to 64, populated, with old content.
    /// @throws std::bad_alloc when the range is used up
    /// @throws std::system_error with ENOMEM when memory is
    BlockId allocate(std::size_t bytes);

    /// Ends the loan. Returns false, and does nothing, if it has ended already.
    static bool give_back(const Segment& segment, BlockId block) noexcept;
    /// The payload; valid until the loan ends.
    static std::byte* data(const Segment& segment, BlockId block) noexcept;
    /// How many bytes the block has room for: at least what was asked for.
    static std::size_t capacity(const Segment& segment, BlockId block) noexcept;

    /// Gives memory of large free blocks back to the kernel, until at most `keep` bytes of them are populated.
    void trim(std::size_t keep) noexcept;

    /// How many bytes of blocks of at least kLarge are populated, out or free.
    std::size_t populated() const noexcept { return populated_; }
    /// Whether no block is out, after a look at all of them.
    bool all_returned() const noexcept;

    /// From this size on a block has pages of its own, and is populated as far as it was ever needed.
    static constexpr std::size_t kLarge = std::size_t{64} << 10;

private:
    struct Header;
    static constexpr unsigned kSmallestShift = 8;  // 256 bytes with the header
    static constexpr unsigned kClasses = 40;
    static constexpr std::size_t kSlab = std::size_t{256} << 10;

    // Blocks of one size: 2^(kSmallestShift + index) bytes with the header.
    struct SizeClass {
        std::vector<std::uint64_t> free;
        std::vector<std::uint64_t> out;
        std::size_t next_look = 0;
    };

    static Header& header(const Segment& segment, std::uint64_t offset) noexcept;
    std::uint64_t obtain(unsigned index);
    std::uint64_t find_returned(SizeClass& blocks, std::size_t looks) noexcept;
    std::uint64_t carve(unsigned index);
    std::uint64_t carve_range(std::size_t bytes, std::size_t alignment);
    void populate(std::uint64_t offset, std::size_t bytes);
    void trim_class(SizeClass& blocks, std::size_t keep);

    const Segment* segment_;
    std::uint64_t next_;
    std::uint64_t end_;
    std::uint64_t slab_next_ = 0;
    std::uint64_t slab_end_ = 0;
    std::size_t populated_ = 0;
    std::array<SizeClass, kClasses> classes_;
};

}  // namespace cohort::shm
