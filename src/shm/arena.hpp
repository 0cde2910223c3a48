// SPDX-License-Identifier: MIT
#pragma once

#include "shm/owner.hpp"
#include "shm/roster.hpp"
#include "shm/segment.hpp"

#include <cohort/base/timeout.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace cohort::shm {

/// Names a block of an Arena: its place in the table, and which of the blocks that were there in turn. Zero is none.
struct BlockName {
    std::uint32_t place = 0;
    std::uint32_t generation = 0;

    explicit operator bool() const noexcept { return generation != 0; }
    friend bool operator==(BlockName, BlockName) noexcept = default;
};

/// To whom a block belongs that is no object: one word, which the put and the take of a queue change without a mutex.
class BlockTag {
public:
    constexpr BlockTag() noexcept = default;
    /// Freed when this process has died.
    static constexpr BlockTag owned_by(Owner owner) noexcept { return BlockTag(kOwned, owner.raw()); }
    /// Freed with the object at this place.
    static constexpr BlockTag part_of(std::uint32_t object) noexcept { return BlockTag(kPart, object); }
    /// The same; it holds what is in the cell of a queue that has this ticket.
    static constexpr BlockTag queued_in(std::uint32_t object, std::uint64_t ticket) noexcept {
        // The upper bits of the ticket are not needed: what is in the queue is not 2^37 puts old.
        return BlockTag(kPart, object | ((ticket + 1) & kTicketMask) << kTicketShift);
    }
    /// On its way to a receiver, who frees it.
    static constexpr BlockTag in_flight() noexcept { return BlockTag(kFlight, 0); }

    static constexpr BlockTag from_raw(std::uint64_t raw) noexcept {
        BlockTag tag;
        tag.raw_ = raw;
        return tag;
    }
    constexpr std::uint64_t raw() const noexcept { return raw_; }
    /// Whether it belongs to a process.
    constexpr bool is_owned() const noexcept { return raw_ >> kShift == kOwned; }

    /// The place of the object that it is a part of.
    constexpr std::optional<std::uint32_t> whole() const noexcept {
        if (raw_ >> kShift != kPart) return std::nullopt;
        return static_cast<std::uint32_t>(raw_) & kPlaceMask;
    }
    friend constexpr bool operator==(BlockTag, BlockTag) noexcept = default;

    /// For the arena: what it marks objects with, and what it is freeing.
    static constexpr BlockTag object() noexcept { return BlockTag(kFlight, 1); }
    static constexpr BlockTag dying() noexcept { return BlockTag(kFlight, 2); }

    static constexpr unsigned kPlaceBits = 24;
    /// A tag has room for the numbers of so many places.
    static constexpr std::uint32_t kMostPlaces = std::uint32_t{1} << kPlaceBits;

private:
    enum Relation : std::uint64_t { kOwned = 1, kPart = 2, kFlight = 3 };
    static constexpr unsigned kShift = 62;
    static constexpr unsigned kTicketShift = kPlaceBits;
    static constexpr std::uint32_t kPlaceMask = kMostPlaces - 1;
    static constexpr std::uint64_t kTicketMask = (std::uint64_t{1} << (kShift - kTicketShift)) - 1;
    constexpr BlockTag(Relation relation, std::uint64_t whose) noexcept : raw_(relation << kShift | whose) {}

    std::uint64_t raw_ = 0;
};

/// The memory of a tree of processes: one sparse segment, in which objects live as long as a process holds them.
///
///   objects  are held by processes: a bit for each object in a bitmap for each line of the roster. They are freed when
///            no process holds them and no pin is left.
///   blocks   belong to one process, to an object, or to who receives them: memory of a queue, a payload.
///   parcels  are blocks that pin objects: a message on its way holds what it names.
///
/// Memory is given out in powers of two; a place in the table keeps its range of the segment for good, and is used
/// again for the same size. What is not small is given back to the kernel when it is freed.
///
/// Invariants
///  1. A change of the table, of free lists and of holders is made under one robust mutex. What cannot be derived is
///     the state and the tag of each place, the bitmaps, and the content of parcels; each is changed by one store. All
///     else is derived from them anew when the mutex comes from a dead holder.
///  2. A place is given out again with the next generation only: a stale name is told from a new one.
///  3. A place whose tag is 0 is free; who sets the tag from 0 has it. So small blocks are taken and freed without the
///     mutex, which a stopped process may have: FreeHints says which are free.
///  4. Memory is populated and wiped by who has the place already, and given back to the kernel in pieces: nobody holds
///     the mutex for long.
///
/// Thread safety: all functions, from any thread of any process.
/// FORK: the child has the same memory at the same address, and acts under another owner.
/// DEATH: at any instruction. What the dead held is dropped by sweep(), which whoever learns of the death calls;
/// reap() looks for deaths that nobody has reported.
class Arena {
public:
    static constexpr std::uint32_t kMostPlaces = BlockTag::kMostPlaces;
    static constexpr std::size_t kSmallestBlock = 64;
    /// From this size on a block has pages of its own.
    static constexpr std::size_t kLarge = std::size_t{64} << 10;

    /// New memory, as large as the limits of this process allow, at most kMostBytes.
    /// @throws std::system_error
    static Arena create();
    static constexpr std::size_t kMostBytes = std::size_t{1} << 38;
    /// The same memory in a fresh image.
    /// @throws std::runtime_error if it is no arena or has another layout version
    static Arena attach(Descriptor descriptor);

    /// Which arena this is: no other one of this machine has the same number.
    std::uint64_t id() const noexcept;
    /// Whether anything was ever allocated here.
    bool used() const noexcept;
    Roster& roster() noexcept { return roster_; }
    const Segment& segment() const noexcept { return segment_; }

    /// A new object, zeroed, held by `me`.
    /// @param bytes   its size
    /// @param needed  how many of them, from the first, are given memory now; the others when they are touched
    /// @throws std::bad_alloc when the arena is used up
    /// @throws std::system_error with ENOMEM when memory is
    BlockName create_object(Owner me, std::size_t bytes, std::size_t needed);
    /// Adds `process` to the holders. False if there is no such object any more.
    bool hold(Owner process, BlockName object) noexcept;
    /// Whether there is such an object. Takes no mutex: it may be freed at the same time.
    bool exists(BlockName object) const noexcept { return find(object) != nullptr; }
    /// What is at this place now, by its name. Zero if nothing is.
    BlockName name_at(std::uint32_t place) const noexcept;
    /// `process` holds it no longer.
    void drop(Owner process, BlockName object) noexcept;
    /// A reserved line for a process that is going to start.
    /// @param parent  who bury()s it if it does not start; its death before the child enters ends the line, too
    /// @param copy    it holds from now on what its parent holds
    /// @throws Error  there is no free line
    /// @throws std::system_error with ENOMEM
    Owner reserve(Owner parent, bool copy);
    /// A line for the calling process, entered.
    /// @param mark  of the calling thread
    /// @throws as reserve()
    Owner enter(const ProcessMark& mark);

    /// A new block, with old content, all of it in memory.
    /// @returns no block if the mutex could not be had in time; a small one rarely needs it
    /// @throws as create_object()
    BlockName allocate(BlockTag tag, std::size_t bytes, const Deadline& deadline = Deadline(forever));
    void free(BlockName block) noexcept;
    /// Frees a block if it has this tag. Nothing for one that was freed, also when its place is another's by now.
    void free_if(BlockName block, BlockTag tag) noexcept;
    /// Whether there is such a block, and has this tag.
    bool has(BlockName block, BlockTag tag) const noexcept { return find_tagged(block, tag) != nullptr; }
    /// Gives a block of the caller to an object that it holds. @param tag  part_of() or queued_in()
    void make_part(BlockName block, BlockTag tag) noexcept;
    std::atomic<std::uint64_t>& tag(BlockName block) const noexcept;

    /// A block that pins the objects, each of which the caller holds.
    /// @throws as create_object()
    BlockName pack(BlockTag tag, std::span<const BlockName> objects);

    /// The memory of a block; valid until it is freed.
    std::byte* data(BlockName block) const noexcept;
    /// How many bytes it has room for.
    std::size_t capacity(BlockName block) const noexcept;

    /// Drops what the dead held and owned, and retires its line. REQUIRES: its line is ended (is_dead, or buried).
    void sweep(Owner dead) noexcept;
    /// Looks for the dead that nobody has swept. Returns how many there were.
    std::size_t reap() noexcept;

    /// For tests: how many objects and blocks there are, and how far the segment was ever used.
    struct Usage {
        std::size_t objects = 0;
        std::size_t blocks = 0;
        std::size_t bytes = 0;
        friend bool operator==(const Usage&, const Usage&) = default;
    };
    Usage usage() noexcept;

private:
    struct Header;
    struct Place;
    class Guard;
    enum class Kind : std::uint8_t { free, object, block, parcel };
    using BitWord = std::atomic<std::uint64_t>;

    explicit Arena(Segment segment);
    static Segment formatted(Segment segment);

    Header& header() const noexcept;
    std::span<Place> places() const noexcept;
    std::uint32_t index_of(const Place& place) const noexcept;
    BlockName name_of(const Place& place) const noexcept;
    Place* find(BlockName name) const noexcept;
    Place* find_tagged(BlockName block, BlockTag tag) const noexcept;
    BitWord& bits(Owner process, std::uint32_t index) const noexcept;
    void for_each_held(Owner process, auto&& visit) const noexcept;
    std::span<const std::uint32_t> pinned(const Place& parcel) const noexcept;

    Place& take(std::size_t bytes, BlockTag tag);
    Place* take_listed(unsigned size_class, BlockTag tag) noexcept;
    Place& carve(unsigned size_class, BlockTag tag);
    static bool claim(Place& place, BlockTag tag) noexcept;
    BlockName take_hinted(unsigned size_class, BlockTag tag) noexcept;
    void free_alone(Place& place, BlockName block) noexcept;
    void begin_slab();
    std::size_t reuse_memory(Place& place, std::size_t bytes) noexcept;
    void populate(Place& place, std::size_t from, std::size_t bytes);
    void wipe(Place& place) const;
    BlockName put_to_use(Place& place, Kind kind) noexcept;

    void list(Place& place) noexcept;
    void keep_warm(Place& place) noexcept;
    void list_unlisted() noexcept;
    void clean_up() noexcept;
    bool clean_piece() noexcept;
    void give_back(Place& place) noexcept;
    void dismantle(Place& place) noexcept;
    void cool(Place& place) noexcept;
    void count_down(Place& object) noexcept;
    void free_parts_of(std::uint32_t object) noexcept;
    void free_owned_by(Owner owner) noexcept;
    void drop_all(Owner process) noexcept;
    bool ended(Owner owner) noexcept;
    Owner new_line();
    Owner reserve_own(const ProcessMark& mark);
    void sweep_line(Owner dead) noexcept;
    std::size_t sweep_all() noexcept;

    void recover() noexcept;
    void recover_ends() noexcept;
    void recover_free_places() noexcept;
    void recover_holders() noexcept;
    void recover_reservations() noexcept;

    Segment segment_;
    Roster roster_;
    Place* table_;
};

}  // namespace cohort::shm
