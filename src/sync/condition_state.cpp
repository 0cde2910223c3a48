// SPDX-License-Identifier: MIT
#include "sync/condition_state.hpp"

#include "os/futex.hpp"
#include "sync/half_word.hpp"
#include "sync/lock_state.hpp"
#include "sync/rlock_state.hpp"

#include <algorithm>
#include <bit>
#include <new>

namespace cohort::sync {

namespace {

enum class Stage : std::uint32_t { free = 0, waiting = 1, notified = 2 };

constexpr std::uint32_t kNumbers = (1U << 30) - 1;
constexpr std::uint32_t kFirstClearing = 16;

// The word of a cell: the owner, then in the half that is the futex the stage and the number.
struct Waiter {
    shm::Owner owner{};
    Stage stage = Stage::free;
    std::uint32_t number = 0;

    Waiter() noexcept = default;
    Waiter(shm::Owner its_owner, Stage its_stage, std::uint32_t its_number) noexcept
        : owner(its_owner), stage(its_stage), number(its_number & kNumbers) {}
    explicit Waiter(const std::atomic<std::uint64_t>& cell) noexcept : Waiter(cell.load(std::memory_order_acquire)) {}
    explicit Waiter(std::uint64_t word) noexcept
        : Waiter(shm::Owner::from_raw(static_cast<std::uint32_t>(word >> 32)),
                 static_cast<Stage>(static_cast<std::uint32_t>(word) >> 30), static_cast<std::uint32_t>(word)) {}
    std::uint32_t futex_value() const noexcept { return static_cast<std::uint32_t>(stage) << 30 | number; }
    std::uint64_t word() const noexcept { return std::uint64_t{owner.raw()} << 32 | futex_value(); }

    bool waits() const noexcept { return stage == Stage::waiting; }
    bool is_notified() const noexcept { return stage == Stage::notified; }
    // A notification without an owner who could use it.
    bool is_left_behind(const shm::Roster& roster) const noexcept {
        return is_notified() && (owner.is_nobody() || roster.is_dead(owner));
    }
};

// Whether the number a was given out before b: they go round, and those that are compared are less than half a round
// apart.
bool earlier(std::uint32_t a, std::uint32_t b) noexcept {
    const std::uint32_t distance = (b - a) & kNumbers;
    return distance != 0 && distance <= kNumbers / 2;
}

bool replace(std::atomic<std::uint64_t>& cell, const Waiter& expected, const Waiter& wanted) noexcept {
    std::uint64_t seen = expected.word();
    return cell.compare_exchange_strong(seen, wanted.word(), std::memory_order_acq_rel);
}

void wake(const std::atomic<std::uint64_t>& cell) noexcept {
    os::futex_wake(low_half(cell), 1);
}

}  // namespace

std::span<ConditionState::Cell> ConditionState::cells() const noexcept {
    auto* end = const_cast<std::byte*>(reinterpret_cast<const std::byte*>(this)) + sizeof(ConditionState);
    return {std::launder(reinterpret_cast<Cell*>(end)), used_.load(std::memory_order_acquire)};
}

// The cell in which the caller waits; null if all are in use.
ConditionState::Cell* ConditionState::claim(const Caller& caller) noexcept {
    const Waiter me(caller.process, Stage::waiting, next_.fetch_add(1, std::memory_order_acq_rel));
    for (;;) {
        if (Cell* cell = claim_free(me.word())) return cell;
        std::uint32_t used = used_.load(std::memory_order_acquire);
        // Before their number doubles those of the dead are taken back, so that kills use up no memory.
        if (used >= kFirstClearing && std::has_single_bit(used)) {
            clear_dead(caller.roster);
            if (Cell* cell = claim_free(me.word())) return cell;
        }
        if (used == kCells) return nullptr;
        used_.compare_exchange_strong(used, used + 1, std::memory_order_acq_rel);
    }
}

ConditionState::Cell* ConditionState::claim_free(std::uint64_t wanted) noexcept {
    for (Cell& cell : cells()) {
        std::uint64_t seen = cell.load(std::memory_order_relaxed);
        if (seen == 0 && cell.compare_exchange_strong(seen, wanted, std::memory_order_acq_rel)) return &cell;
    }
    return nullptr;
}

std::uint32_t ConditionState::notify_oldest(const shm::Roster& roster, const LockState& lock, std::uint32_t count) {
    const std::uint32_t end = next_.load(std::memory_order_acquire) & kNumbers;
    std::uint32_t notified = 0;
    if (count == 1) {
        Cell* oldest = nullptr;
        while (notified == 0 && (oldest = oldest_waiter(roster, end)) != nullptr)
            notified = notify_in(*oldest, roster, lock, end) ? 1 : 0;
    } else if (count != 0) {
        for (Cell* cell : waiters_by_age())
            if (notified != count && notify_in(*cell, roster, lock, end)) ++notified;
    }
    tell_heirs(roster);
    return notified;
}

// Returns false if nobody who lives waits there.
bool ConditionState::notify_in(Cell& cell, const shm::Roster& roster, const LockState& lock,
                               std::uint32_t end) noexcept {
    const Waiter waiter(cell);
    if (!waiter.waits()) return false;
    if (roster.is_dead(waiter.owner)) {
        replace(cell, waiter, {});
        return false;
    }
    if (!replace(cell, waiter, {waiter.owner, Stage::notified, end})) return false;
    deferred_wakes.add(&lock, low_half(cell));
    return true;
}

// Of those who live and came before this number. Takes the cells of dead ones back that are older.
ConditionState::Cell* ConditionState::oldest_waiter(const shm::Roster& roster, std::uint32_t end) noexcept {
    for (;;) {
        Cell* oldest = nullptr;
        Waiter its;
        for (Cell& cell : cells()) {
            const Waiter waiter(cell);
            if (!waiter.waits() || !earlier(waiter.number, oldest == nullptr ? end : its.number)) continue;
            oldest = &cell;
            its = waiter;
        }
        if (oldest == nullptr || !roster.is_dead(its.owner)) return oldest;
        replace(*oldest, its, {});
    }
}

std::vector<ConditionState::Cell*> ConditionState::waiters_by_age() const {
    std::vector<std::pair<std::uint32_t, Cell*>> found;
    const std::uint32_t end = next_.load(std::memory_order_acquire);
    for (Cell& cell : cells())
        if (const Waiter waiter(cell); waiter.waits()) found.emplace_back((waiter.number - end) & kNumbers, &cell);
    std::sort(found.begin(), found.end());
    std::vector<Cell*> sorted;
    sorted.reserve(found.size());
    for (const auto& [age, cell] : found) sorted.push_back(cell);
    return sorted;
}

// Wakes those who are to inherit the notifications of the dead; what nobody can inherit is forgotten, as a notification
// for which nobody waits is.
void ConditionState::tell_heirs(const shm::Roster& roster) noexcept {
    for (Cell& cell : cells()) {
        const Waiter waiter(cell);
        if (!waiter.is_left_behind(roster)) continue;
        if (Cell* heir = oldest_waiter(roster, waiter.number)) {
            wake(*heir);
        } else {
            replace(cell, waiter, {});
        }
    }
}

void ConditionState::clear_dead(const shm::Roster& roster) noexcept {
    for (Cell& cell : cells()) {
        const Waiter waiter(cell);
        if (waiter.waits() && roster.is_dead(waiter.owner)) replace(cell, waiter, {});
    }
    tell_heirs(roster);
}

// Returns the cell with the notification, or null after a timeout: then the waiter has no cell any more.
ConditionState::Cell* ConditionState::sleep_in(Cell& cell, const Caller& caller, Until until) {
    for (bool slept = false;;) {
        const Waiter me(cell);
        if (me.is_notified()) return &cell;
        if (slept)
            if (Cell* inherited = inherit(cell, caller)) return inherited;
        if (caller.waited_enough(until)) {
            if (replace(cell, me, {})) return nullptr;
            continue;
        }
        if (caller.spinner.spin([&] { return !Waiter(cell).waits(); })) continue;
        os::futex_wait(low_half(cell), me.futex_value(), sleep_end(until));
        slept = true;
    }
}

// Takes over a notification of the dead, if the caller is the one to have it.
ConditionState::Cell* ConditionState::inherit(Cell& own, const Caller& caller) noexcept {
    const Waiter me(own);
    for (Cell& cell : cells()) {
        const Waiter left(cell);
        if (!left.is_left_behind(caller.roster) || !me.waits() || !earlier(me.number, left.number)) continue;
        Cell* heir = oldest_waiter(caller.roster, left.number);
        if (heir != &own) {
            if (heir != nullptr) wake(*heir);
            continue;
        }
        const Waiter mine(caller.process, Stage::notified, left.number);
        if (!replace(cell, left, mine)) continue;
        if (replace(own, me, {})) return &cell;
        // Notified in its own cell meanwhile: the other notification is for the next one.
        leave_behind(cell, caller.roster);
        return &own;
    }
    return nullptr;
}

// The caller's own notification is the next one's.
void ConditionState::leave_behind(Cell& cell, const shm::Roster& roster) noexcept {
    const Waiter mine(cell);
    replace(cell, mine, {shm::Owner(), Stage::notified, mine.number});
    tell_heirs(roster);
}

template <class Lock>
ConditionState::Waited ConditionState::wait(const Caller& caller, Lock& lock, Until until) {
    if (!lock.is_held_by(caller)) return Waited::not_held;
    Cell* cell = claim(caller);
    if (cell == nullptr) return Waited::no_room;
    const std::uint32_t depth = lock.release_all(caller);
    cell = sleep_in(*cell, caller, until);
    if (!lock.acquire_again(caller, depth)) {
        if (cell != nullptr) leave_behind(*cell, caller.roster);
        return Waited::given_up;
    }
    if (cell == nullptr) return Waited::timed_out;
    cell->store(0, std::memory_order_release);
    return Waited::notified;
}

template ConditionState::Waited ConditionState::wait(const Caller&, LockState&, Until);
template ConditionState::Waited ConditionState::wait(const Caller&, RLockState&, Until);

std::uint32_t ConditionState::waiters() const noexcept {
    const auto all = cells();
    return static_cast<std::uint32_t>(
        std::count_if(all.begin(), all.end(), [](const Cell& cell) { return Waiter(cell).waits(); }));
}

std::uint32_t ConditionState::living_waiters(const shm::Roster& roster) const noexcept {
    const auto lives = [&](const Cell& cell) {
        const Waiter waiter(cell);
        return waiter.waits() && !roster.is_dead(waiter.owner);
    };
    const auto all = cells();
    return static_cast<std::uint32_t>(std::count_if(all.begin(), all.end(), lives));
}

}  // namespace cohort::sync
