// SPDX-License-Identifier: MIT
#pragma once

#include "os/robust_mutex.hpp"
#include "shm/arena.hpp"
#include "shm/free_hints.hpp"

#include <cohort/base/exit_status.hpp>

#include <algorithm>
#include <bit>

// What the files of Arena know of its memory.
namespace cohort::shm {

inline constexpr unsigned kSmallestShift = 6;
inline constexpr unsigned kClasses = 40;
inline constexpr std::size_t kSlab = Arena::kLarge;
/// So much memory of free large blocks stays with the arena, for the next large payload: a 64th of the machine's, but
/// as much as this at least.
inline constexpr std::size_t kLeastKeptWarm = std::size_t{64} << 20;
/// So much is given back to the kernel at once under the mutex.
inline constexpr std::size_t kPiece = std::size_t{4} << 20;
inline constexpr std::uint32_t kNowhere = ~std::uint32_t{0};
// The notes in a roster line: who reserved it, and if that was the process itself, its mark.
enum Note : std::size_t { kReserver, kPid, kStartTime };
inline const ExitStatus kUnknown = ExitStatus::exited(255);

static_assert(std::size_t{1} << kSmallestShift == Arena::kSmallestBlock);

inline unsigned class_of(std::size_t bytes) noexcept {
    return static_cast<unsigned>(std::bit_width(std::max(bytes, Arena::kSmallestBlock) - 1)) - kSmallestShift;
}

inline std::size_t bytes_of(unsigned size_class) noexcept {
    return std::size_t{1} << (size_class + kSmallestShift);
}

inline constexpr std::uint64_t bit_of(std::uint32_t place) noexcept {
    return std::uint64_t{1} << place % 64;
}

inline std::uint64_t round_up(std::uint64_t offset, std::uint64_t alignment) noexcept {
    return (offset + alignment - 1) & ~(alignment - 1);
}

// One range of the segment, for good. Its tag is the claim on it: who sets it from 0 has the range.
struct alignas(64) Arena::Place {
    std::atomic<std::uint64_t> state;  // generation << 32 | size class << 8 | kind
    std::atomic<std::uint64_t> tag;    // 0: free for who comes first
    std::uint64_t offset;
    std::uint64_t populated;  // so many bytes, from the first, have memory for certain
    std::uint32_t cleaned;    // free large ranges: so many pieces, from the first, read as zeros for certain
    std::atomic<std::uint32_t> has_parts;  // blocks are parts of it, or were
    std::uint32_t holders;                 // derived: bits and pins
    std::uint32_t next;                    // derived: the next place of the list of free ones
    std::uint32_t next_dying;              // derived: the next place that is to be dismantled
    std::uint8_t was;                      // derived: what it is to be dismantled as
    bool is_listed;  // derived: it is in the list of free places, as was true when it was put there

    static std::uint64_t word(std::uint32_t generation, unsigned size_class, Kind kind) noexcept {
        return std::uint64_t{generation} << 32 | std::uint64_t{size_class} << 8 | static_cast<std::uint64_t>(kind);
    }
    Kind kind() const noexcept { return static_cast<Kind>(state.load(std::memory_order_acquire) & 0xff); }
    bool is_block() const noexcept { return kind() == Kind::block || kind() == Kind::parcel; }
    unsigned size_class() const noexcept { return (state.load(std::memory_order_relaxed) >> 8) & 0xff; }
    std::uint32_t generation() const noexcept {
        return static_cast<std::uint32_t>(state.load(std::memory_order_relaxed) >> 32);
    }
    std::size_t bytes() const noexcept { return bytes_of(size_class()); }
    bool is_large() const noexcept { return bytes() >= kLarge; }
    bool is_free() const noexcept { return kind() == Kind::free && tag.load(std::memory_order_acquire) == 0; }
    std::uint32_t pieces() const noexcept { return static_cast<std::uint32_t>((bytes() + kPiece - 1) / kPiece); }
    bool is_clean() const noexcept { return cleaned == pieces(); }
};

struct Arena::Header {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t most_places;
    std::uint64_t id;
    std::uint64_t roster;
    std::uint64_t table;
    std::uint64_t bitmaps;  // for each line of the roster, a bit for each place
    std::uint64_t begin;    // of what is given out
    os::RobustMutex mutex;
    std::atomic<std::uint32_t> places;  // how many there are
    std::uint64_t slab;                 // where the newest slab of small ranges begins; 0: there is none
    std::uint64_t slab_end;             // derived: its first byte that is nobody's
    std::uint64_t end;                  // derived: the first byte behind all ranges
    std::uint64_t warm;                 // derived: populated bytes of free large ranges
    std::uint32_t free[kClasses];       // derived: the first free place of each class
    std::uint32_t dying;                // derived: the first of the places that are being dismantled
    std::atomic<bool> has_unlisted;     // free places may be in no list and no hint
    std::atomic<bool> has_dirty;        // large free places wait for being given back to the kernel
    FreeHints hints;
};

// The mutex, with what a dead holder left put right.
class Arena::Guard {
public:
    explicit Guard(Arena& arena) noexcept : Guard(arena, Deadline(forever)) {}
    /// False if the time was up first.
    Guard(Arena& arena, const Deadline& deadline) noexcept : mutex_(arena.header().mutex) {
        const auto taken = mutex_.lock(deadline);
        holds_ = taken.has_value();
        if (taken == os::RobustMutex::Taken::from_the_dead) arena.recover();
    }
    ~Guard() {
        if (holds_) mutex_.unlock();
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    explicit operator bool() const noexcept { return holds_; }

private:
    os::RobustMutex& mutex_;
    bool holds_;
};

void Arena::for_each_held(Owner process, auto&& visit) const noexcept {
    for (std::uint32_t first = 0; first < places().size(); first += 64)
        for (std::uint64_t held = bits(process, first).load(std::memory_order_relaxed); held != 0; held &= held - 1)
            visit(first + static_cast<std::uint32_t>(std::countr_zero(held)));
}

}  // namespace cohort::shm
