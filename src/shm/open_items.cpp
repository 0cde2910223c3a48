// SPDX-License-Identifier: MIT
#include "shm/open_items.hpp"

#include <algorithm>
#include <new>
#include <thread>

namespace cohort::shm {

namespace {

constexpr unsigned kHigh = 32;

constexpr std::uint32_t high(std::uint64_t word) noexcept {
    return static_cast<std::uint32_t>(word >> kHigh);
}
constexpr std::uint32_t low(std::uint64_t word) noexcept {
    return static_cast<std::uint32_t>(word);
}
constexpr std::uint64_t both(std::uint32_t above, std::uint32_t below) noexcept {
    return std::uint64_t{above} << kHigh | below;
}

}  // namespace

struct alignas(128) OpenItems::Header {
    std::atomic<std::uint32_t> used;  // no line from here on was ever used
    alignas(64) Doorbell all_done;
};

// In a line's owner: it is being taken over.
constexpr std::uint32_t kEntering = std::uint32_t{1} << 31;

// A line of zeros is one that was never used: its mutex is formatted by its first owner.
struct alignas(64) OpenItems::Line {
    std::atomic<std::uint32_t> owner;
    std::atomic<std::uint64_t> taken;  // how many << 32 | the number of the last one
    std::atomic<std::uint64_t> done;   // how many << 32 | how many of them were given up
    os::RobustMutex counting;
};

std::size_t OpenItems::bytes(std::uint32_t lines) noexcept {
    return sizeof(Header) + sizeof(Line) * lines;
}

void OpenItems::format(std::byte* memory) noexcept {
    new (memory) Header{};
}

OpenItems::OpenItems(std::byte* memory, const Roster& roster) noexcept
    : header_(std::launder(reinterpret_cast<Header*>(memory))), roster_(&roster) {}

OpenItems::Line& OpenItems::line(std::uint32_t slot) const noexcept {
    return reinterpret_cast<Line*>(header_ + 1)[slot];
}

// Nobody while the line is being taken over.
Owner OpenItems::owner_of(const Line& line) noexcept {
    const std::uint32_t owner = line.owner.load(std::memory_order_acquire);
    return (owner & kEntering) != 0 ? Owner() : Owner::from_raw(owner);
}

Doorbell& OpenItems::all_done() const noexcept {
    return header_->all_done;
}

OpenItems::Counting::Counting(OpenItems& items, Owner me) noexcept {
    Line& line = items.line(me.slot());
    if (line.owner.load(std::memory_order_acquire) != me.raw()) items.enter(line, me);
    line.counting.lock();
    line_ = &line;
}

Owner OpenItems::predecessor(Owner me) const noexcept {
    const std::uint32_t owner = line(me.slot()).owner.load(std::memory_order_acquire) & ~kEntering;
    return owner == me.raw() ? Owner() : Owner::from_raw(owner);
}

void OpenItems::enter(Line& line, Owner me) noexcept {
    std::uint32_t seen = line.owner.load(std::memory_order_acquire);
    while (seen != me.raw()) {
        if (seen == (me.raw() | kEntering)) {
            std::this_thread::yield();  // another thread of this process is here
            seen = line.owner.load(std::memory_order_acquire);
        } else if (line.owner.compare_exchange_weak(seen, me.raw() | kEntering, std::memory_order_acq_rel,
                                                    std::memory_order_acquire)) {
            give_up(line);
            line.counting.format();
            std::uint32_t used = header_->used.load(std::memory_order_relaxed);
            while (used <= me.slot() &&
                   !header_->used.compare_exchange_weak(used, me.slot() + 1, std::memory_order_acq_rel))
                continue;
            line.owner.store(me.raw(), std::memory_order_release);
            return;
        }
    }
}

OpenItems::Counting::~Counting() {
    line_->counting.unlock();
}

void OpenItems::Counting::count(std::uint32_t items, std::uint64_t last) noexcept {
    const std::uint64_t taken = line_->taken.load(std::memory_order_relaxed);
    line_->taken.store(both(high(taken) + items, low(last)), std::memory_order_release);
}

bool OpenItems::counted(Owner taker, std::uint64_t number) const noexcept {
    const Line& its = line(taker.slot());
    if (its.owner.load(std::memory_order_acquire) != taker.raw()) return false;
    const std::uint64_t taken = its.taken.load(std::memory_order_acquire);
    return high(taken) != 0 && static_cast<std::int32_t>(low(number) - low(taken)) <= 0;
}

bool OpenItems::settle_one(Line& line) noexcept {
    std::uint64_t done = line.done.load(std::memory_order_acquire);
    do {
        if (high(done) == high(line.taken.load(std::memory_order_acquire))) return false;
    } while (!line.done.compare_exchange_weak(done, both(high(done) + 1, low(done)), std::memory_order_acq_rel,
                                              std::memory_order_acquire));
    return true;
}

bool OpenItems::task_done(Owner me) noexcept {
    Line* settled = &line(me.slot());
    while (settled->owner.load(std::memory_order_acquire) != me.raw() || !settle_one(*settled)) {
        Line* oldest = nullptr;
        for (std::uint32_t slot = 0; slot != header_->used.load(std::memory_order_acquire); ++slot) {
            Line& its = line(slot);
            const Owner owner = owner_of(its);
            const std::uint64_t taken = its.taken.load(std::memory_order_acquire);
            if (owner.is_nobody() || high(taken) == high(its.done.load(std::memory_order_acquire))) continue;
            if (roster_->is_dead(owner)) continue;
            const bool older = oldest == nullptr || static_cast<std::int32_t>(low(taken) - low(oldest->taken)) < 0;
            if (older) oldest = &its;
        }
        if (oldest == nullptr) return false;
        settled = oldest;
        if (settle_one(*settled)) break;
        settled = &line(me.slot());
    }
    return true;
}

// Returns whether there was anything.
bool OpenItems::give_up(Line& line) noexcept {
    std::uint64_t done = line.done.load(std::memory_order_acquire);
    const std::uint32_t taken = high(line.taken.load(std::memory_order_acquire));
    while (high(done) != taken)
        if (line.done.compare_exchange_weak(done, both(taken, low(done) + taken - high(done)),
                                            std::memory_order_acq_rel, std::memory_order_acquire))
            return true;
    return false;
}

void OpenItems::give_up(Owner dead) noexcept {
    Line& its = line(dead.slot());
    if (its.owner.load(std::memory_order_acquire) != dead.raw()) return;
    if (give_up(its)) header_->all_done.ring();
}

std::uint64_t OpenItems::open() noexcept {
    std::uint64_t items = 0;
    for (std::uint32_t slot = 0; slot != header_->used.load(std::memory_order_acquire); ++slot) {
        Line& its = line(slot);
        const Owner owner = owner_of(its);
        if (owner.is_nobody()) continue;
        if (roster_->is_dead(owner)) {
            give_up(owner);
        } else {
            const std::uint32_t done = high(its.done.load(std::memory_order_acquire));
            items += high(its.taken.load(std::memory_order_acquire)) - done;
        }
    }
    return items;
}

std::uint64_t OpenItems::lost() noexcept {
    open();
    std::uint64_t items = 0;
    for (std::uint32_t slot = 0; slot != header_->used.load(std::memory_order_acquire); ++slot)
        items += low(line(slot).done.load(std::memory_order_acquire));
    return items;
}

Owner OpenItems::somebody_busy() const noexcept {
    for (std::uint32_t slot = 0; slot != header_->used.load(std::memory_order_acquire); ++slot) {
        const Line& its = line(slot);
        const Owner owner = owner_of(its);
        const bool busy =
            high(its.taken.load(std::memory_order_acquire)) != high(its.done.load(std::memory_order_acquire));
        if (busy && !owner.is_nobody() && !roster_->is_dead(owner)) return owner;
    }
    return {};
}

}  // namespace cohort::shm
