// SPDX-License-Identifier: MIT
#include "sync/semaphore_state.hpp"

#include "os/futex.hpp"
#include "sync/half_word.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <new>
#include <stdexcept>

namespace cohort::sync {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kSleeper = std::uint64_t{1} << 31;
constexpr std::uint32_t kNumbers = (1U << 19) - 1;
constexpr unsigned kSlotsPerBit = 64;

// A holder whose life cannot be watched is about to end, or about to enter the roster.
constexpr std::chrono::milliseconds kUnwatched{1};

// An operation on held units, as the upper half of the word names it.
struct Operation {
    std::uint32_t number;
    std::uint32_t slot;
    bool gives;

    static Operation of(std::uint64_t word) noexcept {
        return {static_cast<std::uint32_t>(word >> 32) & kNumbers,
                static_cast<std::uint32_t>(word >> 51) & shm::Owner::kSlots, (word >> 63) != 0};
    }
    std::uint64_t bits() const noexcept {
        return std::uint64_t{gives} << 63 | std::uint64_t{slot} << 51 | std::uint64_t{number} << 32;
    }
};

// A word of the ledger.
struct Line {
    std::uint32_t generation;
    std::uint32_t number;
    std::uint32_t units;

    static Line of(std::uint64_t word) noexcept {
        return {static_cast<std::uint32_t>(word >> 45), static_cast<std::uint32_t>(word >> 26) & kNumbers,
                static_cast<std::uint32_t>(word) & SemaphoreState::kMaxHeld};
    }
    std::uint64_t bits() const noexcept {
        return std::uint64_t{generation} << 45 | std::uint64_t{number} << 26 | units;
    }
    Operation next(std::uint32_t slot, bool gives) const noexcept { return {(number + 1) & kNumbers, slot, gives}; }
};

}  // namespace

// Those who hold units: gives back the units of the dead, and watches the lives of the others.
class SemaphoreState::Holders {
public:
    Holders(SemaphoreState& state, const shm::Roster& roster) noexcept : state_(state), roster_(roster) {}

    // Returns whether there were any.
    bool sweep_dead() noexcept {
        bool found = false;
        visit([&](shm::Owner owner) { found = (roster_.is_dead(owner) && state_.sweep(owner) != 0) || found; });
        return found;
    }
    // The word, and the lives of as many holders as fit.
    std::span<const os::FutexWaiter> watch(os::FutexWaiter word) noexcept {
        words_[count_++] = word;
        visit([&](shm::Owner owner) {
            if (count_ == words_.size()) return;
            const auto life = roster_.watch(owner);
            if (life) {
                words_[count_++] = {life->word, life->expected};
            } else {
                all_watched_ = false;
            }
        });
        return std::span(words_).first(count_);
    }
    bool all_watched() const noexcept { return all_watched_; }

private:
    template <class Visit>
    void visit(Visit visit) noexcept {
        state_.complete(state_.word_.load(std::memory_order_acquire));
        for (std::uint64_t parts = state_.used_.load(std::memory_order_acquire); parts != 0; parts &= parts - 1) {
            const auto first = static_cast<std::uint32_t>(std::countr_zero(parts)) * kSlotsPerBit;
            for (std::uint32_t slot = first; slot != std::min(first + kSlotsPerBit, shm::Owner::kSlots); ++slot) {
                const Line line = Line::of(state_.ledger(slot).load(std::memory_order_acquire));
                if (line.units != 0) visit(shm::Owner(slot, line.generation));
            }
        }
    }

    SemaphoreState& state_;
    const shm::Roster& roster_;
    std::array<os::FutexWaiter, os::kFutexWaitvMax> words_;
    std::size_t count_ = 0;
    bool all_watched_ = true;
};

SemaphoreState::Word& SemaphoreState::ledger(std::uint32_t slot) const noexcept {
    auto* end = const_cast<std::byte*>(reinterpret_cast<const std::byte*>(this)) + sizeof(SemaphoreState);
    return std::launder(reinterpret_cast<Word*>(end))[slot];
}

// Brings the ledger up to date with a word. Nothing happens if that was done, or if the word is not the latest.
void SemaphoreState::complete(std::uint64_t word) noexcept {
    const Operation operation = Operation::of(word);
    if (operation.slot == shm::Owner::kSlots) return;
    std::uint64_t seen = ledger(operation.slot).load(std::memory_order_acquire);
    Line line = Line::of(seen);
    if (line.next(operation.slot, operation.gives).number != operation.number) return;
    line.number = operation.number;
    line.units = operation.gives ? line.units - 1 : line.units + 1;
    ledger(operation.slot).compare_exchange_strong(seen, line.bits(), std::memory_order_acq_rel);
}

// The line of a new process in its slot: its predecessor is dead.
void SemaphoreState::begin_line(shm::Owner owner, std::uint64_t seen) noexcept {
    Line line = Line::of(seen);
    if (line.units != 0) {
        sweep(shm::Owner(owner.slot(), line.generation));
        return;
    }
    used_.fetch_or(std::uint64_t{1} << owner.slot() / kSlotsPerBit, std::memory_order_acq_rel);
    line.generation = owner.generation();
    ledger(owner.slot()).compare_exchange_strong(seen, line.bits(), std::memory_order_acq_rel);
}

SemaphoreState::Taken SemaphoreState::take(std::uint64_t sleeper) noexcept {
    std::uint64_t seen = word_.load(std::memory_order_relaxed);
    if (units_of(seen) == 0) return Taken::no_units;
    return word_.compare_exchange_weak(seen, (seen - 1) | sleeper, std::memory_order_acq_rel) ? Taken::yes
                                                                                              : Taken::try_again;
}

SemaphoreState::Taken SemaphoreState::take_held(shm::Owner owner, std::uint64_t sleeper) {
    std::uint64_t seen = word_.load(std::memory_order_acquire);
    if (units_of(seen) == 0) return Taken::no_units;
    complete(seen);
    // As long as the word stays as seen, so does the line.
    const std::uint64_t line = ledger(owner.slot()).load(std::memory_order_acquire);
    if (Line::of(line).generation != owner.generation()) {
        begin_line(owner, line);
        return Taken::try_again;
    }
    if (Line::of(line).units == kMaxHeld) throw std::length_error("cohort: a process holds too many units");
    const std::uint64_t units = (seen - 1) & kUnits;
    const std::uint64_t taken = Line::of(line).next(owner.slot(), false).bits() | (seen & kSleeper) | sleeper | units;
    if (!word_.compare_exchange_weak(seen, taken, std::memory_order_acq_rel)) return Taken::try_again;
    complete(taken);
    return Taken::yes;
}

template <class Take>
bool SemaphoreState::acquire_by(Take take, const Caller& caller, Until until) {
    std::uint64_t sleeper = 0;
    for (;;) {
        const Taken taken = take(sleeper);
        // The wake that this thread had may have been for all who sleep.
        if (taken == Taken::yes && sleeper != 0 && value() != 0) wake(1);
        if (taken == Taken::yes) return true;
        if (taken == Taken::try_again || Holders(*this, caller.roster).sweep_dead()) continue;
        if (until && Clock::now() >= *until) break;
        if (caller.spinner.spin([&] { return value() != 0; })) continue;
        sleep(caller.roster, until);
        sleeper = kSleeper;
    }
    if (sleeper != 0 && units_of(word_.fetch_or(kSleeper, std::memory_order_acq_rel)) != 0) wake(1);
    return false;
}

// Sleeps while there are no units and the holders live.
void SemaphoreState::sleep(const shm::Roster& roster, Until until) {
    std::uint64_t seen = word_.load(std::memory_order_relaxed);
    while ((seen & kSleeper) == 0) {
        if (units_of(seen) != 0) return;
        if (word_.compare_exchange_weak(seen, seen | kSleeper, std::memory_order_acq_rel)) break;
    }
    Holders holders(*this, roster);
    const auto words = holders.watch({&low_half(word_), static_cast<std::uint32_t>(kSleeper)});
    const auto end = holders.all_watched() ? sleep_end(until) : std::min(sleep_end(until), Clock::now() + kUnwatched);
    if (words.size() == 1) {
        os::futex_wait(*words[0].word, words[0].expected, end);
    } else {
        os::futex_waitv(words, end);
    }
}

bool SemaphoreState::acquire(const Caller& caller, Until until) {
    return acquire_by([this](std::uint64_t sleeper) { return take(sleeper); }, caller, until);
}

bool SemaphoreState::acquire_held(const Caller& caller, Until until) {
    return acquire_by([&](std::uint64_t sleeper) { return take_held(caller.process, sleeper); }, caller, until);
}

SemaphoreState::Released SemaphoreState::release(std::uint32_t count) noexcept {
    if (count == 0) return Released::yes;  // nobody to wake, who would find no unit
    std::uint64_t seen = word_.load(std::memory_order_relaxed);
    do {
        if (std::uint64_t{units_of(seen)} + count > bound_) return Released::too_many;
    } while (!word_.compare_exchange_weak(seen, (seen & ~kSleeper) + count, std::memory_order_acq_rel));
    if ((seen & kSleeper) != 0) wake(count);
    return Released::yes;
}

SemaphoreState::Released SemaphoreState::release_held(const Caller& caller) noexcept {
    return give_held(caller.process, bound_);
}

std::uint32_t SemaphoreState::sweep(shm::Owner dead) noexcept {
    std::uint32_t count = 0;
    // What others have released in the place of the dead fills a bounded semaphore only once.
    while (give_held(dead, std::uint64_t{bound_} + 1) == Released::yes) ++count;
    return count;
}

// @param most more units than that there may not be after it; what goes over the bound is dropped
SemaphoreState::Released SemaphoreState::give_held(shm::Owner owner, std::uint64_t most) noexcept {
    for (;;) {
        std::uint64_t seen = word_.load(std::memory_order_acquire);
        complete(seen);
        const Line line = Line::of(ledger(owner.slot()).load(std::memory_order_acquire));
        if (line.generation != owner.generation() || line.units == 0) return Released::not_held;
        const std::uint64_t units = std::uint64_t{units_of(seen)} + 1;
        if (units > most) return Released::too_many;
        const std::uint64_t given = line.next(owner.slot(), true).bits() | std::min<std::uint64_t>(units, bound_);
        if (!word_.compare_exchange_weak(seen, given, std::memory_order_acq_rel)) continue;
        complete(given);
        if ((seen & kSleeper) != 0) wake(1);
        return Released::yes;
    }
}

std::uint32_t SemaphoreState::held(shm::Owner owner) noexcept {
    complete(word_.load(std::memory_order_acquire));
    const Line line = Line::of(ledger(owner.slot()).load(std::memory_order_acquire));
    return line.generation == owner.generation() ? line.units : 0;
}

void SemaphoreState::wake(std::uint32_t count) noexcept {
    os::futex_wake(low_half(word_), static_cast<int>(std::min(count, kMaxValue)));
}

}  // namespace cohort::sync
