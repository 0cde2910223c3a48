// SPDX-License-Identifier: MIT
#pragma once

#include "shm/doorbell.hpp"
#include "shm/open_items.hpp"
#include "shm/owned_lock.hpp"
#include "shm/ring.hpp"
#include "shm/ring_memory.hpp"
#include "shm/roster.hpp"

#include <cohort/base/function_ref.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace cohort::shm {

/// A first-in first-out queue of fixed cells in shared memory, for any number of producer and consumer processes: a
/// chain of Rings, with or without a bound, that blocks, grows, ends, and stays whole when a process dies in it.
///
/// The object is a process-local view. It owns nothing in shared memory.
///
/// The chain. Producers claim in the ring that `put_at` names, consumers take in the one that `take_at` names. A full
/// ring is ended; whoever meets its end links another one, under a lock, and moves `put_at`. When a ring has ended and
/// is empty, consumers move `take_at` to the next. A ring that was left is opened again when one of its size is needed
/// and all its cells are free; its tickets go on, and its memory is never used for anything else while the queue lives.
///
/// Invariants
///  1. At most one ring is open: the last of the chain. It is linked before it is opened.
///  2. A ring can be opened again only after `take_at` has left it. A name (ring, number in the chain) is never used
///     twice, so an item that was seen while `take_at` has kept its value belongs to the oldest ring of the chain.
///  3. base + ticket counts the puts of the whole chain: the end of one ring is the begin of the next.
///  4. What is written under the lock is told by `intent` before: whoever gets the lock from the dead finishes it, and
///     every step may be done twice.
///  5. A ticket is claimed only while less than maxsize items lie between it and a head that was seen.
///
/// Thread safety: all functions, from any thread of any process.
/// FORK: valid in the child where the memory is mapped shared; the child acts under its own Owner.
/// DEATH: as for Ring. Of who links a ring: the next one who needs it finishes. Of a sleeper or of who should wake it:
/// at most one period of Doorbell.
class QueueCore {
public:
    struct Options {
        std::uint32_t cell_bytes = 64;          ///< as in Ring::Shape
        std::uint32_t first_cells = 64;         ///< of the first ring: a power of two, at least 2
        std::uint32_t largest_cells = 1 << 14;  ///< no ring is larger; a power of two
        std::uint64_t maxsize = 0;              ///< how many items there may be, at most kMostItems; 0: no bound
        std::uint32_t joinable_lines = 0;       ///< lines of the roster, if the queue is joinable; else 0
    };
    static constexpr std::uint64_t kMostItems = std::uint64_t{1} << 46;
    using Until = Doorbell::Until;
    using LostItem = Ring::LostItem;
    struct RingView;

    /// Cells that were claimed or taken, one after the other in one ring.
    struct Stretch {
        RingStatus status;
        std::uint32_t count;
        std::uint64_t ticket;
        RingView* ring;
        explicit operator bool() const noexcept { return status == RingStatus::done; }
    };

    /// What a taker may do while there is no item.
    class Meanwhile {
    public:
        /// Whether there is something to do: a few loads. Whoever makes it so calls wake_takers() after it.
        virtual bool ready() const noexcept = 0;
        /// A part of it: after it there is another look for an item.
        /// @param seen  what the look before it has found: `empty` or `pending`
        /// @returns true if that was what the taker had waited for: take() says `done`, of no cell
        virtual bool work(RingStatus seen) noexcept = 0;

    protected:
        ~Meanwhile() = default;
    };

    /// The size in shared memory, without the rings. Of a joinable one, a line for each process is touched
    /// by its first take.
    static std::size_t bytes(const Options& options) noexcept;
    /// Makes an empty queue. `memory` is zeroed and aligned to 128; nobody else uses it yet.
    /// @throws what RingMemory::allocate throws
    static void format(std::byte* memory, const Options& options, const RingMemory& rings);
    /// A view of a formatted queue.
    /// @param roster  tells who is dead; outlives the view
    /// @param show    shown each item that is lost, by whoever repairs it; may be null
    /// @throws std::runtime_error if the memory holds none or one of another layout version
    QueueCore(std::byte* memory, const RingMemory& rings, const Roster& roster, LostItem show = nullptr,
              void* context = nullptr);
    ~QueueCore();
    /// As Ring::show_abandoned(), with the context of the constructor.
    void show_abandoned(LostItem show) noexcept { show_abandoned_ = show; }
    QueueCore(const QueueCore&) = delete;
    QueueCore& operator=(const QueueCore&) = delete;

    /// Claims up to `most` cells, at least one, waiting for room until `until` (empty: for ever; in the past: looks
    /// once, and again after the dead were swept). Statuses: done, full, ended. Each claimed cell must be published or
    /// cancelled, soon: it holds up the consumers.
    /// @throws what RingMemory::allocate throws: the queue is whole, and nothing was claimed
    Stretch claim(Owner me, Until until, std::uint32_t most = 1);
    /// A put, or a take, of an item of so many bytes, where it is a matter of one cell. False, and nothing was done,
    /// where it is not: no room, no item, a ring to be left, a joinable queue.
    bool put_at_once(Owner me, const void* item, std::size_t bytes) noexcept;
    bool take_at_once(Owner me, void* item, std::size_t bytes) noexcept;
    /// Where to write the item of a claimed cell, and to read that of a taken one.
    std::byte* data(const Stretch& stretch, std::uint32_t index = 0) const noexcept;
    /// Publishes one item, without waking anybody.
    void publish(const Stretch& claimed, std::uint32_t index) noexcept;
    /// Ends a claim of which the first `published` items were published: cancels the others, wakes consumers.
    void finish(const Stretch& claimed, std::uint32_t published) noexcept;
    /// Publishes all items and wakes consumers.
    void commit(const Stretch& claimed) noexcept;

    /// Takes up to `most` items, at least one, waiting for the first until `until`. Statuses: done, empty, ended.
    /// A put in progress at the head is waited for, also by a poll, while its process lives and is not stopped.
    /// @param meanwhile  what to do while there is no item; may be null
    Stretch take(Owner me, Until until, std::uint32_t most = 1, Meanwhile* meanwhile = nullptr);
    /// Takers that sleep look for an item, and at what they may do meanwhile.
    void wake_takers() noexcept;
    /// Whether take() would return at once: `done` if there is an item, or `ended`; else `empty`, or `pending` for a
    /// put in progress at the head. Takes nothing. poll_item() waits for that put, as a poll of take() does, and then
    /// says `empty`.
    RingStatus look(Owner me);
    RingStatus poll_item(Owner me);
    /// For a sleep until there may be an item here or something elsewhere: after it, look() again, then
    /// Doorbell::wait_any(). What died costs one period, as in take().
    Watch listen() noexcept;

    /// Gives a cell of a stretch back, from the first to the last in turn, and wakes producers now and then.
    void release(const Stretch& taken, std::uint32_t index) noexcept;
    void release(const Stretch& taken) noexcept;
    /// The two halves of release(), for whoever holds the cell for long: the first wakes producers that the bound keeps
    /// waiting, and there is room for them. A held cell makes its ring end when the producers come to it again.
    void tell_room(const Stretch& taken, std::uint32_t index = 0) noexcept;
    void free_cell(const Stretch& taken, std::uint32_t index = 0) noexcept;

    /// Puts begun minus takes begun, at one moment, without what the dead had begun to put.
    std::uint64_t size() const;
    /// Whether a take would find an item, or the next ring. A few loads: a hint.
    bool may_have_item() const;
    std::uint64_t maxsize() const noexcept;
    /// How many bytes an item may have.
    std::size_t item_bytes() const noexcept;
    bool closed() const;
    bool joinable() const noexcept { return open_.has_value(); }
    /// Items that died with their taker; of a joinable queue also those that it had taken and that were not done.
    std::uint64_t lost() const;

    /// Puts that have not claimed their cell fail with `ended`; takers get what is left, then `ended`.
    void close(Owner me);
    /// The same; what is left is shown and discarded. Puts in progress are waited for, until `until`.
    /// @returns how many items there were
    std::uint64_t close_and_discard(Owner me, LostItem show, void* context, Until until);
    /// Repairs everything that `dead` left in any ring. Returns the number of items lost. As Ring::sweep().
    std::uint64_t sweep(Owner dead, LostItem show, void* context);

    /// Joinable: one item that was taken is done: of those of `me`, or else of another living process.
    /// @returns false if nobody has an open item
    bool task_done(Owner me);
    /// Joinable: waits until every item that was put was taken, and is done or lost.
    /// @returns false if the moment `until` has come before
    bool join(Until until);

    /// For tests and figures: how many rings there are, and how many cells they have.
    struct Memory {
        std::size_t rings = 0;
        std::uint64_t cells = 0;
    };
    Memory memory() const;

private:
    struct Header;
    struct Node;
    class Lock;

    static Header& checked(std::byte* memory);
    static std::size_t node_bytes(const Ring::Shape& shape) noexcept;

    RingView& view(std::uint64_t name, std::atomic<RingView*>& last) const;
    RingView& view_at(std::uint64_t offset) const;
    template <class Visit>
    void for_each_ring(Visit&& visit) const;

    Stretch try_claim(Owner me, std::uint32_t most, Until until, bool sweep);
    Stretch claim_below(Owner me, std::uint32_t most, std::uint64_t name, RingView& ring, bool& at_limit);
    Stretch wait_for_room(Owner me, std::uint32_t most, Until until);
    bool make_room(Owner me, std::uint64_t name, RingView& ring, bool has_ended, Until until);
    bool has_room(std::uint64_t name, RingView& ring) const;
    bool may_have_room() const;
    bool grow(Owner me, std::uint64_t name, RingView& ring, Until until);
    void link(RingView& last);
    RingView& idle_ring(std::uint32_t cells);
    void add_ring(std::uint64_t offset, std::uint32_t cells) const;
    void settle() const;
    void sweep_dead() const;

    Stretch try_take(Owner me, std::uint32_t most);
    Stretch take_counted(Owner me, std::uint32_t most, RingView& ring, detail::FunctionRef<bool()> is_oldest);
    bool finished();
    static bool accounted(const void* view, Owner taker, std::uint64_t ticket) noexcept;
    Stretch wait_for_item(Owner me, std::uint32_t most, Until until, Meanwhile* meanwhile);
    Stretch look_for_item(Owner me);
    template <class Attempt>
    Stretch at_oldest(const Attempt& attempt);
    template <class Attempt>
    Stretch poll(const Attempt& attempt);
    std::uint64_t counted_head() const;
    std::uint64_t skips_in_chain() const;

    Header* header_;
    RingMemory rings_;
    const Roster* roster_;
    LostItem show_;
    void* context_;
    LostItem show_abandoned_ = nullptr;
    std::uint64_t maxsize_;
    mutable std::optional<OpenItems> open_;
    mutable std::atomic<RingView*> views_{nullptr};
    mutable std::atomic<RingView*> put_view_{nullptr};
    mutable std::atomic<RingView*> take_view_{nullptr};
};

}  // namespace cohort::shm
