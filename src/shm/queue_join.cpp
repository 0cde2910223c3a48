// SPDX-License-Identifier: MIT
// What a QueueCore does when it is joinable.
#include "shm/queue_layout.hpp"

#include <array>
#include <chrono>

namespace cohort::shm {

// The threads of a process count in the order of their takes; a take that finds nothing counts nothing.
QueueCore::Stretch QueueCore::take_counted(Owner me, std::uint32_t most, RingView& ring,
                                           detail::FunctionRef<bool()> is_oldest) {
    if (const Owner dead = open_->predecessor(me); !dead.is_nobody()) sweep(dead, show_, context_);
    OpenItems::Counting counting(*open_, me);
    const Ring::Stretch taken = ring.ring.take_many_if(me, most, is_oldest);
    // The ring keeps its base while a cell of it is held.
    if (taken) counting.count(taken.count, ring.base() + taken.ticket + taken.count - 1);
    return {taken.status, taken.count, taken.ticket, &ring};
}

bool QueueCore::accounted(const void* view, Owner taker, std::uint64_t ticket) noexcept {
    const auto& ring = *static_cast<const RingView*>(view);
    return ring.open->counted(taker, ring.base() + ticket);
}

// Who takes the last item rings when it is done.
bool QueueCore::task_done(Owner me) {
    if (!open_->task_done(me)) return false;
    if (!may_have_item()) open_->all_done().ring();
    return true;
}

// In this order: nothing is left to take; so what is in somebody's hands and not counted only becomes counted; so what
// is open only becomes done.
bool QueueCore::finished() {
    if (size() != 0) return false;
    const std::uint64_t put_at = header_->put_at.load(std::memory_order_acquire);
    const std::uint64_t puts = view(put_at, put_view_).counted_tail();
    if (size() != 0) return false;
    bool uncounted = false;
    for_each_ring([&](const RingView& ring) {
        ring.ring.for_each_taken([&](Owner taker, std::uint64_t ticket) {
            if (!roster_->is_dead(taker) && !open_->counted(taker, ring.base() + ticket)) uncounted = true;
        });
    });
    if (uncounted || open_->open() != 0) return false;
    return header_->put_at.load(std::memory_order_acquire) == put_at && view(put_at, put_view_).counted_tail() == puts;
}

bool QueueCore::join(Until until) {
    for (;;) {
        if (finished()) return true;
        if (until && *until <= std::chrono::steady_clock::now()) return false;
        const auto ticket = open_->all_done().listen();
        if (finished()) return true;
        std::array<Watch, 1> watched;
        const Owner busy = open_->somebody_busy();
        const auto watch = busy.is_nobody() ? std::nullopt : roster_->watch(busy);
        if (watch) watched[0] = *watch;
        open_->all_done().wait(ticket, until, std::span(watched).first(watch ? 1 : 0));
    }
}

}  // namespace cohort::shm
