// SPDX-License-Identifier: MIT
#include "shm/queue_core.hpp"

#include "shm/queue_layout.hpp"
#include "shm/spinner.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>

namespace cohort::shm {

namespace {

// One for each waiting thread and direction: whether spinning pays is a matter of where its partners run.
thread_local Spinner room_spinner;
thread_local Spinner item_spinner;

// So many items are a stretch that is worth a look at the consumer's head.
constexpr std::uint64_t kEnoughRoom = 256;
constexpr int kMostPauses = 4;  // for it

// How often a poll looks at a put in progress before it asks whether its process is stopped.
constexpr int kLooks = 64;

bool passed(QueueCore::Until until) {
    return until && *until <= std::chrono::steady_clock::now();
}

}  // namespace

std::byte* QueueCore::data(const Stretch& stretch, std::uint32_t index) const noexcept {
    return stretch.ring->ring.data(stretch.ticket + index);
}

// --- one item, at once ---

bool QueueCore::put_at_once(Owner me, const void* item, std::size_t bytes) noexcept {
    const std::uint64_t name = header_->put_at.load(std::memory_order_acquire);
    RingView* const view = put_view_.load(std::memory_order_acquire);
    if (view == nullptr || view->offset != offset_of(name)) [[unlikely]]
        return false;
    Ring& ring = view->ring;
    const Ring::Put put =
        maxsize_ == 0 ? ring.claim_if(me, [](std::uint64_t) { return true; }) : ring.claim_if(me, [&](std::uint64_t t) {
            return view->below_limit(name, t) && header_->put_at.load(std::memory_order_acquire) == name;
        });
    if (!put) return false;
    std::memcpy(put.data, item, bytes);
    ring.commit(put);
    header_->items.ring();
    return true;
}

bool QueueCore::take_at_once(Owner me, void* item, std::size_t bytes) noexcept {
    const std::uint64_t name = header_->take_at.load(std::memory_order_acquire);
    RingView* const view = take_view_.load(std::memory_order_acquire);
    if (view == nullptr || view->offset != offset_of(name) || open_) [[unlikely]]
        return false;
    Ring& ring = view->ring;
    const Ring::Take taken = ring.take_if(me, [&] { return header_->take_at.load(std::memory_order_acquire) == name; });
    if (!taken) return false;
    std::memcpy(item, taken.data, bytes);
    ring.release(taken);
    if (maxsize_ != 0 && ((taken.ticket + 1) & view->wake_mask) == 0) header_->room.ring();
    return true;
}

// --- put ---

QueueCore::Stretch QueueCore::claim(Owner me, Until until, std::uint32_t most) {
    const Stretch claimed = try_claim(me, most, until, false);
    return claimed.status == RingStatus::full ? wait_for_room(me, most, until) : claimed;
}

QueueCore::Stretch QueueCore::try_claim(Owner me, std::uint32_t most, Until until, bool sweep) {
    for (;;) {
        const std::uint64_t name = header_->put_at.load(std::memory_order_acquire);
        RingView& ring = view(name, put_view_);
        bool at_limit = false;
        const Stretch claimed = claim_below(me, most, name, ring, at_limit);
        if (claimed) return claimed;
        if (header_->put_at.load(std::memory_order_acquire) != name) continue;
        if (ring.node->next.load(std::memory_order_acquire) == kClosed) return {RingStatus::ended, 0, 0, nullptr};
        if (claimed.status == RingStatus::full && maxsize_ != 0 && !has_room(name, ring)) {
            if (!sweep) return claimed;
            sweep_dead();
            sweep = false;
        } else if (!at_limit && !make_room(me, name, ring, claimed.status == RingStatus::ended, until)) {
            return {RingStatus::full, 0, 0, nullptr};
        }
    }
}

QueueCore::Stretch QueueCore::claim_below(Owner me, std::uint32_t most, std::uint64_t name, RingView& ring,
                                          bool& at_limit) {
    Ring::Stretch claimed;
    if (maxsize_ == 0) {
        claimed = ring.ring.claim_many_if(me, most, [](std::uint64_t) { return true; });
    } else {
        claimed = ring.ring.claim_many_if(me, most, [&](std::uint64_t ticket) {
            // The limit is that of this name: a ring that was opened again has another.
            const bool below = ring.below_limit(name, ticket);
            at_limit = !below;
            return below && header_->put_at.load(std::memory_order_acquire) == name;
        });
    }
    return {claimed.status, claimed.count, claimed.ticket, &ring};
}

// There may be another item, but no cell for it. A ring that had ended may be open again by now.
bool QueueCore::make_room(Owner me, std::uint64_t name, RingView& ring, bool has_ended, Until until) {
    if (!has_ended) {
        const std::uint64_t head = ring.ring.head();
        ring.ring.pass_skips(me);
        if (ring.ring.head() != head && ring.ring.writable()) return true;
        ring.ring.end();
    }
    return grow(me, name, ring, until);
}

QueueCore::Stretch QueueCore::wait_for_room(Owner me, std::uint32_t most, Until until) {
    for (;;) {
        const bool last = passed(until);
        Stretch claimed = try_claim(me, most, until, last);
        if (last || claimed.status != RingStatus::full) return claimed;
        if (room_spinner.spin([this] { return may_have_room(); })) continue;
        const auto ticket = header_->room.listen();
        claimed = try_claim(me, most, until, true);
        if (claimed.status != RingStatus::full) return claimed;
        header_->room.wait(ticket, until);
    }
}

bool QueueCore::may_have_room() const {
    const std::uint64_t name = header_->put_at.load(std::memory_order_acquire);
    RingView& ring = view(name, put_view_);
    return ring.counted_tail() - counted_head() < maxsize_ || ring.node->next.load(std::memory_order_acquire) != 0;
}

// Whether one more item is allowed, by the heads of this moment. For a fixed ticket the number of items before it only
// falls: so a limit that was true once may be used later.
//
// Where the queue is nearly full all the time, each look at the head would allow one item more and take the head's
// cache line from the consumer: so a look that allows little is followed by a pause, and another one, a few times. One
// that allows nothing is the answer: who polls has no time, who waits looks again as soon as something is allowed.
bool QueueCore::has_room(std::uint64_t name, RingView& ring) const {
    const auto enough = static_cast<std::int64_t>(std::min(maxsize_ / 8, kEnoughRoom));
    for (int pauses = 0;; ++pauses) {
        std::uint64_t limit = counted_head() + maxsize_ - ring.base();
        if (static_cast<std::int64_t>(ring.ring.tail() - limit) >= 0) limit += skips_in_chain();
        if (header_->put_at.load(std::memory_order_acquire) != name) return true;
        const auto room = static_cast<std::int64_t>(limit - ring.ring.tail());
        if (room <= 0 || room >= enough || pauses == kMostPauses || !room_spinner.pause()) {
            ring.set_limit(name, limit);
            return room > 0;
        }
    }
}

void QueueCore::publish(const Stretch& claimed, std::uint32_t index) noexcept {
    claimed.ring->ring.commit(claimed.ticket + index);
}

void QueueCore::finish(const Stretch& claimed, std::uint32_t published) noexcept {
    for (std::uint32_t i = published; i != claimed.count; ++i) claimed.ring->ring.cancel(claimed.ticket + i);
    header_->items.ring();
}

void QueueCore::commit(const Stretch& claimed) noexcept {
    for (std::uint32_t i = 0; i != claimed.count; ++i) publish(claimed, i);
    header_->items.ring();
}

// --- take ---

QueueCore::Stretch QueueCore::take(Owner me, Until until, std::uint32_t most, Meanwhile* meanwhile) {
    const Stretch taken = try_take(me, most);
    return taken || taken.status == RingStatus::ended ? taken : wait_for_item(me, most, until, meanwhile);
}

void QueueCore::wake_takers() noexcept {
    header_->items.ring();
}

QueueCore::Stretch QueueCore::try_take(Owner me, std::uint32_t most) {
    return at_oldest([&](RingView& ring, const auto& is_oldest) -> Stretch {
        if (open_) return take_counted(me, most, ring, is_oldest);
        const Ring::Stretch taken = ring.ring.take_many_if(me, most, is_oldest);
        return {taken.status, taken.count, taken.ticket, &ring};
    });
}

// Attempts something at the oldest ring of the chain, and moves on to the next one when that is empty for good.
template <class Attempt>
QueueCore::Stretch QueueCore::at_oldest(const Attempt& attempt) {
    for (;;) {
        const std::uint64_t name = header_->take_at.load(std::memory_order_acquire);
        RingView& ring = view(name, take_view_);
        const auto is_oldest = [&] { return header_->take_at.load(std::memory_order_acquire) == name; };
        Stretch taken = attempt(ring, is_oldest);
        if (taken) return taken;
        // Read before the second look: if the ring had ended by now and is empty then, it stays so.
        const std::uint64_t next = ring.node->next.load(std::memory_order_acquire);
        if (next != 0 && taken.status == RingStatus::empty) taken = attempt(ring, is_oldest);
        if (taken) return taken;
        if (!is_oldest()) continue;
        if (next == 0 || taken.status != RingStatus::empty) return taken;
        if (next == kClosed) return {RingStatus::ended, 0, 0, nullptr};
        std::uint64_t left = name;
        header_->take_at.compare_exchange_strong(left, next, std::memory_order_acq_rel, std::memory_order_relaxed);
    }
}

QueueCore::Stretch QueueCore::wait_for_item(Owner me, std::uint32_t most, Until until, Meanwhile* meanwhile) {
    const auto has_work = [&] { return meanwhile && meanwhile->ready(); };
    for (;;) {
        const bool last = passed(until);
        Stretch taken = last ? poll([&] { return try_take(me, most); }) : try_take(me, most);
        if (last || taken || taken.status == RingStatus::ended) return taken;
        if (has_work()) {
            if (meanwhile->work(taken.status)) return {RingStatus::done, 0, 0, nullptr};
            continue;
        }
        if (item_spinner.spin([&] { return may_have_item() || has_work(); }, taken.ticket)) continue;
        // Producers that wait for the next eighth would wait for us, and we for them.
        if (maxsize_ != 0) header_->room.ring();
        const auto ticket = header_->items.listen();
        taken = try_take(me, most);
        if (taken || taken.status == RingStatus::ended) return taken;
        if (has_work()) continue;
        std::array<Watch, 1> watched;
        const Owner claimant = taken.status == RingStatus::pending ? taken.ring->ring.claimant() : Owner();
        const auto watch = claimant.is_nobody() ? std::nullopt : roster_->watch(claimant);
        if (watch) watched[0] = *watch;
        header_->items.wait(ticket, until, std::span(watched).first(watch ? 1 : 0));
    }
}

// A put in progress takes nanoseconds, unless its process has lost its core or is stopped.
template <class Attempt>
QueueCore::Stretch QueueCore::poll(const Attempt& attempt) {
    const auto enough = std::chrono::steady_clock::now() + Doorbell::kPeriod;
    Stretch taken = attempt();
    for (int looks = 1; taken.status == RingStatus::pending; ++looks) {
        if (looks % kLooks != 0) {
            relax();
        } else {
            const Owner claimant = taken.ring->ring.claimant();
            const bool stopped = !claimant.is_nobody() && roster_->is_stopped(claimant);
            if (stopped || std::chrono::steady_clock::now() > enough) break;
            std::this_thread::yield();
        }
        taken = attempt();
    }
    if (taken.status == RingStatus::pending) taken.status = RingStatus::empty;
    return taken;
}

QueueCore::Stretch QueueCore::look_for_item(Owner me) {
    return at_oldest([&](RingView& ring, const auto& is_oldest) -> Stretch {
        const RingStatus status = ring.ring.look(me);
        // In a ring that was left meanwhile it is not the oldest item.
        return {status == RingStatus::done && !is_oldest() ? RingStatus::empty : status, 0, 0, &ring};
    });
}

RingStatus QueueCore::look(Owner me) {
    return look_for_item(me).status;
}

RingStatus QueueCore::poll_item(Owner me) {
    return poll([&] { return look_for_item(me); }).status;
}

Watch QueueCore::listen() noexcept {
    // As in wait_for_item().
    if (maxsize_ != 0) header_->room.ring();
    return header_->items.watch(header_->items.listen());
}

bool QueueCore::may_have_item() const {
    RingView& ring = view(header_->take_at.load(std::memory_order_acquire), take_view_);
    return ring.ring.has_item() ||
           (ring.node->next.load(std::memory_order_acquire) != 0 && ring.ring.head() == ring.ring.tail());
}

void QueueCore::release(const Stretch& taken, std::uint32_t index) noexcept {
    free_cell(taken, index);
    tell_room(taken, index);
}

void QueueCore::free_cell(const Stretch& taken, std::uint32_t index) noexcept {
    taken.ring->ring.release(taken.ticket + index);
}

void QueueCore::tell_room(const Stretch& taken, std::uint32_t index) noexcept {
    if (maxsize_ != 0 && ((taken.ticket + index + 1) & taken.ring->wake_mask) == 0) header_->room.ring();
}

void QueueCore::release(const Stretch& taken) noexcept {
    for (std::uint32_t i = 0; i != taken.count; ++i) release(taken, i);
}

// --- what the dead left ---

void QueueCore::sweep_dead() const {
    for_each_ring([this](RingView& ring) { ring.ring.sweep_dead(show_, context_); });
}

std::uint64_t QueueCore::sweep(Owner dead, LostItem show, void* context) {
    std::uint64_t items = 0;
    for_each_ring([&](RingView& ring) { items += ring.ring.sweep(dead, show, context); });
    if (open_) open_->give_up(dead);
    header_->items.ring();
    header_->room.ring();
    return items;
}

std::uint64_t QueueCore::lost() const {
    sweep_dead();
    std::uint64_t items = 0;
    for_each_ring([&](const RingView& ring) { items += ring.ring.lost(); });
    return open_ ? items + open_->lost() : items;
}

// --- how many there are ---

// What is read of a ring belongs to its name if consumers have not left it since.
std::uint64_t QueueCore::counted_head() const {
    for (;;) {
        const std::uint64_t name = header_->take_at.load(std::memory_order_acquire);
        const std::uint64_t head = view(name, take_view_).counted_head();
        if (header_->take_at.load(std::memory_order_acquire) == name) return head;
    }
}

// A skip that is found lies between a head seen before and every ticket that is claimed after.
std::uint64_t QueueCore::skips_in_chain() const {
    std::uint64_t count = 0;
    for (std::uint64_t name = header_->take_at.load(std::memory_order_acquire); name != 0 && name != kClosed;) {
        const RingView& ring = view_at(offset_of(name));
        const std::uint64_t start = ring.node->start.load(std::memory_order_acquire);
        count += ring.ring.skips(std::max(ring.ring.head(), start), ring.ring.tail());
        name = ring.node->next.load(std::memory_order_acquire);
    }
    return count;
}

std::uint64_t QueueCore::size() const {
    sweep_dead();
    for (;;) {
        const std::uint64_t put_at = header_->put_at.load(std::memory_order_acquire);
        const RingView& last = view(put_at, put_view_);
        const std::uint64_t tail = last.counted_tail();
        const std::uint64_t head = counted_head();
        const std::uint64_t skipped = skips_in_chain();
        if (header_->put_at.load(std::memory_order_acquire) == put_at && last.counted_tail() == tail &&
            counted_head() == head)
            return tail - head > skipped ? tail - head - skipped : 0;
    }
}

std::uint64_t QueueCore::maxsize() const noexcept {
    return maxsize_;
}

std::size_t QueueCore::item_bytes() const noexcept {
    return header_->options.cell_bytes - sizeof(std::uint64_t);
}

bool QueueCore::closed() const {
    RingView& ring = view(header_->put_at.load(std::memory_order_acquire), put_view_);
    return ring.node->next.load(std::memory_order_acquire) == kClosed;
}

QueueCore::Memory QueueCore::memory() const {
    Memory memory;
    for_each_ring([&](const RingView& ring) {
        ++memory.rings;
        memory.cells += ring.ring.capacity();
    });
    return memory;
}

}  // namespace cohort::shm
