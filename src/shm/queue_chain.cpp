// SPDX-License-Identifier: MIT
// The chain of rings of a QueueCore: what is done under its lock.
#include "shm/queue_layout.hpp"
#include "shm/spinner.hpp"

#include <cohort/base/scope_guard.hpp>

#include <algorithm>
#include <chrono>
#include <new>
#include <stdexcept>
#include <string>

namespace cohort::shm {

namespace {

constexpr std::uint32_t kMagic = 0x55455551;  // "QUEU"
constexpr std::uint32_t kVersion = 2;

}  // namespace

/// Held while the chain changes. Finishes what a dead holder had begun.
class QueueCore::Lock {
public:
    Lock(const QueueCore& queue, Owner me, Until until) : lock_(queue.header_->lock) {
        Spinner spinner;
        auto acquired = OwnedLock::Acquired::interrupted;
        while (acquired == OwnedLock::Acquired::interrupted)
            acquired = lock_.acquire(me, *queue.roster_, until, spinner);
        held_ = acquired != OwnedLock::Acquired::no;
        detail::ScopeGuard give_up([this] { release(); });
        if (held_) queue.settle();
        give_up.dismiss();
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() { release(); }
    explicit operator bool() const noexcept { return held_; }

private:
    void release() noexcept {
        if (held_) lock_.release();
    }
    OwnedLock& lock_;
    bool held_;
};

std::size_t QueueCore::bytes(const Options& options) noexcept {
    return sizeof(Header) + (options.joinable_lines == 0 ? 0 : OpenItems::bytes(options.joinable_lines));
}

std::size_t QueueCore::node_bytes(const Ring::Shape& shape) noexcept {
    return sizeof(Node) + Ring::bytes(shape);
}

void QueueCore::format(std::byte* memory, const Options& options, const RingMemory& rings) {
    const Ring::Shape shape{options.first_cells, options.cell_bytes};
    const auto [offset, ring_name] = rings.allocate(rings.context, node_bytes(shape));
    auto* node = new (rings.base + offset) Node{};
    Ring::format(rings.base + offset + sizeof(Node), shape);
    node->number.store(1, std::memory_order_relaxed);
    const std::uint64_t start = Ring(rings.base + offset + sizeof(Node)).tail();
    node->start.store(start, std::memory_order_relaxed);
    node->base.store(-start, std::memory_order_relaxed);
    if (rings.keep != nullptr) rings.keep(rings.context, ring_name);
    auto* header = new (memory) Header{};
    header->options = options;
    if (options.joinable_lines != 0) OpenItems::format(memory + sizeof(Header));
    header->newest.store(offset, std::memory_order_relaxed);
    header->put_at.store(name_of(offset, 1), std::memory_order_relaxed);
    header->take_at.store(name_of(offset, 1), std::memory_order_relaxed);
    header->version = kVersion;
    header->magic = kMagic;
    std::atomic_thread_fence(std::memory_order_release);
}

QueueCore::Header& QueueCore::checked(std::byte* memory) {
    auto& header = *std::launder(reinterpret_cast<Header*>(memory));
    if (header.magic != kMagic || header.version != kVersion)
        throw std::runtime_error("cohort: this memory holds no queue of layout version " + std::to_string(kVersion));
    return header;
}

QueueCore::QueueCore(std::byte* memory, const RingMemory& rings, const Roster& roster, LostItem show, void* context)
    : header_(&checked(memory)),
      rings_(rings),
      roster_(&roster),
      show_(show),
      context_(context),
      maxsize_(header_->options.maxsize) {
    if (header_->options.joinable_lines != 0) open_.emplace(memory + sizeof(Header), roster);
}

QueueCore::~QueueCore() {
    for (RingView* view = views_.load(std::memory_order_acquire); view != nullptr;) {
        RingView* older = view->older;
        delete view;
        view = older;
    }
}

// Two threads may make a view of the same ring: one is found by the others, neither does harm.
QueueCore::RingView& QueueCore::view_at(std::uint64_t offset) const {
    RingView* first = views_.load(std::memory_order_acquire);
    for (RingView* view = first; view != nullptr; view = view->older)
        if (view->offset == offset) return *view;
    auto* fresh = new RingView(rings_.base + offset, offset, roster_->liveness(), show_, context_, maxsize_);
    if (show_abandoned_ != nullptr) fresh->ring.show_abandoned(show_abandoned_, context_);
    fresh->open = open_ ? &*open_ : nullptr;
    if (open_) fresh->ring.account_elsewhere(&QueueCore::accounted, fresh);
    fresh->older = first;
    while (!views_.compare_exchange_weak(fresh->older, fresh, std::memory_order_acq_rel, std::memory_order_acquire))
        continue;
    return *fresh;
}

// The ring has ended. Returns false if the lock was not to be had until then.
bool QueueCore::grow(Owner me, std::uint64_t name, RingView& ring, Until until) {
    // A poll waits for another grower, too: nobody is told "full" by a queue that is not.
    if (until) until = std::max(*until, std::chrono::steady_clock::now() + Doorbell::kPeriod);
    const Lock lock(*this, me, until);
    if (!lock) return false;
    if (header_->put_at.load(std::memory_order_acquire) == name && ring.ring.has_ended() &&
        ring.node->next.load(std::memory_order_acquire) == 0)
        link(ring);
    return true;
}

// REQUIRES: the lock; the last ring has ended and nothing is linked to it.
void QueueCore::link(RingView& last) {
    const std::uint64_t items = last.counted_tail() - counted_head();
    const std::uint32_t cells = last.ring.capacity();
    // A ring that ends because one cell of it is held gets one of its size.
    const bool larger = items > cells / 2 && cells < header_->options.largest_cells;
    RingView& next = idle_ring(larger ? 2 * cells : cells);
    header_->intent_ticket.store(*next.ring.idle_since(), std::memory_order_relaxed);
    const std::uint64_t number = last.node->number.load(std::memory_order_relaxed) + 1;
    header_->intent.store(name_of(next.offset, number), std::memory_order_release);
    settle();
}

// A ring that has ended, that consumers have left, and of which nobody holds a cell; a new one if there is none.
QueueCore::RingView& QueueCore::idle_ring(std::uint32_t cells) {
    const RingView& oldest = view_at(offset_of(header_->take_at.load(std::memory_order_acquire)));
    const std::uint64_t oldest_number = oldest.node->number.load(std::memory_order_acquire);
    RingView* found = nullptr;
    for_each_ring([&](RingView& ring) {
        if (found != nullptr || ring.ring.capacity() != cells) return;
        if (ring.node->number.load(std::memory_order_acquire) < oldest_number && ring.ring.idle_since()) found = &ring;
    });
    if (found != nullptr) return *found;
    const auto [offset, name] = rings_.allocate(rings_.context, node_bytes({cells, header_->options.cell_bytes}));
    header_->fresh_cells.store(cells, std::memory_order_relaxed);
    header_->fresh_name.store(name, std::memory_order_relaxed);
    header_->fresh.store(offset, std::memory_order_release);
    if (rings_.keep != nullptr) rings_.keep(rings_.context, name);
    settle();
    return view_at(offset);
}

// The memory becomes a ring that has ended and is idle.
void QueueCore::add_ring(std::uint64_t offset, std::uint32_t cells) const {
    auto* node = new (rings_.base + offset) Node{};
    Ring::format(rings_.base + offset + sizeof(Node), {cells, header_->options.cell_bytes});
    Ring(rings_.base + offset + sizeof(Node)).end();
    node->older.store(header_->newest.load(std::memory_order_relaxed), std::memory_order_relaxed);
    header_->newest.store(offset, std::memory_order_release);
}

// Does what the intents say. Every step leaves the same when it is done again: a holder of the lock may die after any.
void QueueCore::settle() const {
    if (const std::uint64_t offset = header_->fresh.load(std::memory_order_acquire); offset != 0) {
        const bool kept =
            rings_.kept == nullptr || rings_.kept(rings_.context, header_->fresh_name.load(std::memory_order_relaxed));
        if (kept && header_->newest.load(std::memory_order_relaxed) != offset)
            add_ring(offset, static_cast<std::uint32_t>(header_->fresh_cells.load(std::memory_order_relaxed)));
        header_->fresh.store(0, std::memory_order_release);
    }
    const std::uint64_t name = header_->intent.load(std::memory_order_acquire);
    if (name == 0) return;
    RingView& next = view_at(offset_of(name));
    const std::uint64_t ticket = header_->intent_ticket.load(std::memory_order_relaxed);
    const std::uint64_t put_at = header_->put_at.load(std::memory_order_acquire);
    if (put_at != name) {
        const RingView& last = view_at(offset_of(put_at));
        // Release: who sees one of these sees that consumers have left the ring's last name.
        next.node->next.store(0, std::memory_order_release);
        next.node->number.store(last.node->number.load(std::memory_order_relaxed) + 1, std::memory_order_release);
        next.node->start.store(ticket + 1, std::memory_order_release);
        next.node->base.store(last.counted_tail() - (ticket + 1), std::memory_order_release);
        last.node->next.store(name, std::memory_order_release);
        header_->put_at.store(name, std::memory_order_release);
    }
    // It is linked before it is open: what is put into it can be found.
    next.ring.reopen(ticket);
    header_->intent.store(0, std::memory_order_release);
}

void QueueCore::close(Owner me) {
    {
        const Lock lock(*this, me, {});
        RingView& last = view_at(offset_of(header_->put_at.load(std::memory_order_acquire)));
        last.ring.end();
        last.node->next.store(kClosed, std::memory_order_release);
    }
    header_->items.ring();
    header_->room.ring();
}

std::uint64_t QueueCore::close_and_discard(Owner me, LostItem show, void* context, Until until) {
    this->close(me);
    for (std::uint64_t items = 0;; ++items) {
        const Stretch taken = take(me, until);
        if (!taken) return items;
        if (show != nullptr) show(context, taken.ticket, data(taken));
        release(taken);
        if (open_) task_done(me);
    }
}

}  // namespace cohort::shm
