// SPDX-License-Identifier: MIT
#include "sync/barrier_state.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <new>

namespace cohort::sync {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kGenerations = (1U << 30) - 1;
constexpr std::uint32_t kFirstClearing = 16;

// A party whose life cannot be watched is about to end, or about to enter the roster.
constexpr std::chrono::milliseconds kUnwatched{1};

// How a party's wait() stands.
enum class Stage : std::uint32_t { none = 0, inside = 1, passed = 2, broken = 3 };

// The word of a cell.
struct Place {
    shm::Owner owner{};
    Stage stage = Stage::none;
    std::uint32_t generation = 0;

    Place(shm::Owner its_owner, Stage its_stage, std::uint32_t its_generation) noexcept
        : owner(its_owner), stage(its_stage), generation(its_generation & kGenerations) {}
    explicit Place(std::uint64_t word) noexcept
        : Place(shm::Owner::from_raw(static_cast<std::uint32_t>(word >> 32)),
                static_cast<Stage>(static_cast<std::uint32_t>(word) >> 30), static_cast<std::uint32_t>(word)) {}
    std::uint64_t word() const noexcept {
        return std::uint64_t{owner.raw()} << 32 | std::uint64_t{static_cast<std::uint32_t>(stage)} << 30 | generation;
    }
    bool is_inside(std::uint32_t its_generation) const noexcept {
        return stage == Stage::inside && generation == its_generation;
    }
};

std::uint32_t after(std::uint32_t generation) noexcept {
    return (generation + 1) & kGenerations;
}

std::uint32_t before(std::uint32_t generation) noexcept {
    return (generation - 1) & kGenerations;
}

}  // namespace

/// The word of the barrier.
struct BarrierState::View {
    std::uint32_t generation = 0;
    std::uint32_t arrived = 0;
    bool broken = false;
    bool before_passed = false;  // how the generation before this one ended

    static View of(std::uint64_t word) noexcept {
        return {static_cast<std::uint32_t>(word >> 32), static_cast<std::uint32_t>(word) >> 2, (word & 2) != 0,
                (word & 1) != 0};
    }
    std::uint64_t word() const noexcept {
        return std::uint64_t{generation} << 32 | std::uint64_t{arrived} << 2 | (broken ? 2U : 0U) |
               (before_passed ? 1U : 0U);
    }
};

/// The parties of a generation as far as they are in other processes: whether one is dead, and words to watch.
class BarrierState::Lives {
public:
    Lives(const BarrierState& state, const Caller& caller, std::uint32_t generation) noexcept {
        for (const Cell& cell : state.cells()) {
            const Place place(cell.load(std::memory_order_acquire));
            if (!place.is_inside(generation) || place.owner == caller.process) continue;
            const auto end = owners_.begin() + static_cast<std::ptrdiff_t>(count_);
            if (std::find(owners_.begin(), end, place.owner) != end) continue;
            if (caller.roster.is_dead(place.owner)) {
                one_died_ = true;
                return;
            }
            if (count_ != owners_.size()) owners_[count_++] = place.owner;
        }
    }
    bool one_died() const noexcept { return one_died_; }
    /// As many as fit. @returns false if one cannot be watched
    bool watch(const shm::Roster& roster) noexcept {
        for (std::size_t i = 0; i != count_; ++i) {
            const auto life = roster.watch(owners_[i]);
            if (!life) {
                count_ = i;
                return false;
            }
            watched_[i] = *life;
        }
        return true;
    }
    std::span<const shm::Watch> watched() const noexcept { return std::span(watched_).first(count_); }

private:
    std::array<shm::Owner, shm::Doorbell::kMostWatched> owners_{};
    std::array<shm::Watch, shm::Doorbell::kMostWatched> watched_{};
    std::size_t count_ = 0;
    bool one_died_ = false;
};

std::span<BarrierState::Cell> BarrierState::cells() const noexcept {
    auto* end = const_cast<std::byte*>(reinterpret_cast<const std::byte*>(this)) + sizeof(BarrierState);
    return {std::launder(reinterpret_cast<Cell*>(end)), used_.load(std::memory_order_acquire)};
}

BarrierState::View BarrierState::look() const noexcept {
    return View::of(word_.load(std::memory_order_acquire));
}

bool BarrierState::change(const View& seen, const View& wanted) noexcept {
    std::uint64_t expected = seen.word();
    return word_.compare_exchange_strong(expected, wanted.word(), std::memory_order_acq_rel);
}

// Begins the next generation, if the word is still as seen. Those of the generation before, who may not have looked
// yet, are told first how theirs ended: the word is about to forget it.
bool BarrierState::end_generation(const View& seen, bool passed) noexcept {
    const std::uint32_t last = before(seen.generation);
    for (Cell& cell : cells()) {
        std::uint64_t word = cell.load(std::memory_order_acquire);
        const Place place(word);
        if (!place.is_inside(last)) continue;
        const Place told(place.owner, seen.before_passed ? Stage::passed : Stage::broken, last);
        cell.compare_exchange_strong(word, told.word(), std::memory_order_acq_rel);
    }
    if (!change(seen, {after(seen.generation), 0, false, passed})) return false;
    bell_.ring();
    return true;
}

void BarrierState::break_generation(std::uint32_t generation) noexcept {
    for (;;) {
        const View seen = look();
        if (seen.generation != generation || seen.broken) return;
        View wanted = seen;
        wanted.broken = true;
        if (!change(seen, wanted)) continue;
        bell_.ring();
        return;
    }
}

// Sleeps while this generation lasts and its parties live, at most one period.
void BarrierState::sleep(const Caller& caller, std::uint32_t generation, Until until) {
    const auto ticket = bell_.listen();
    const View seen = look();
    if (seen.generation != generation || seen.broken) return;
    Lives lives(*this, caller, generation);
    if (lives.one_died()) return break_generation(generation);
    if (!lives.watch(caller.roster)) {
        const auto soon = Clock::now() + kUnwatched;
        until = until ? std::min(*until, soon) : soon;
    }
    bell_.wait(ticket, until, lives.watched());
}

BarrierState::Cell* BarrierState::claim_free(std::uint64_t wanted) noexcept {
    for (Cell& cell : cells()) {
        std::uint64_t seen = cell.load(std::memory_order_relaxed);
        if (seen == 0 && cell.compare_exchange_strong(seen, wanted, std::memory_order_acq_rel)) return &cell;
    }
    return nullptr;
}

// Null if all are in use.
BarrierState::Cell* BarrierState::claim(std::uint64_t wanted, const shm::Roster& roster) noexcept {
    for (;;) {
        if (Cell* cell = claim_free(wanted)) return cell;
        std::uint32_t used = used_.load(std::memory_order_acquire);
        // Before their number doubles those of the dead are taken back, so that kills use up no memory.
        if (used >= kFirstClearing && std::has_single_bit(used)) {
            clear_dead(roster);
            if (Cell* cell = claim_free(wanted)) return cell;
        }
        if (used == kCells) return nullptr;
        used_.compare_exchange_strong(used, used + 1, std::memory_order_acq_rel);
    }
}

// The dead of a generation that lasts stay: they are why it breaks.
void BarrierState::clear_dead(const shm::Roster& roster) noexcept {
    for (Cell& cell : cells()) {
        std::uint64_t word = cell.load(std::memory_order_acquire);
        const Place place(word);
        if (place.stage == Stage::none || !roster.is_dead(place.owner)) continue;
        const View seen = look();
        if (place.is_inside(seen.generation) && !seen.broken) continue;
        cell.compare_exchange_strong(word, 0, std::memory_order_acq_rel);
    }
}

/// One call of wait(). Its cell is free at the end.
class BarrierState::Party {
public:
    Party(BarrierState& state, const Caller& caller) noexcept : state_(state), caller_(caller) {}
    Party(const Party&) = delete;
    Party& operator=(const Party&) = delete;
    ~Party() { leave(); }

    /// @returns the number of the arrival; empty if the barrier is broken
    std::optional<std::uint32_t> arrive() {
        for (;;) {
            const View seen = state_.look();
            if (seen.broken || caller_.has_given_up()) return std::nullopt;
            if (seen.arrived == state_.parties_ || !enter(seen.generation)) {
                // As one of the next generation. In a cell of this one it would break it by its death.
                leave();
                state_.sleep(caller_, seen.generation, {});
                continue;
            }
            View wanted = seen;
            ++wanted.arrived;
            if (state_.change(seen, wanted)) return seen.arrived;
        }
    }

    /// The last one to arrive. @returns whether all may pass
    bool lead(cohort::detail::FunctionRef<void()> action) {
        if (Lives(state_, caller_, generation_).one_died()) state_.break_generation(generation_);
        const View full = state_.look();
        if (full.generation != generation_ || full.broken) return false;
        try {
            action();
        } catch (...) {
            state_.break_generation(generation_);
            throw;
        }
        return state_.end_generation(full, true);
    }

    /// The others. @returns whether all may pass
    bool follow(Until until) {
        for (;;) {
            const View seen = state_.look();
            if (const auto passed = end(seen)) return *passed;
            const bool full = seen.arrived == state_.parties_;  // the action runs: whatever it takes
            if (!full && caller_.waited_enough(until)) {
                View wanted = seen;
                wanted.broken = true;
                if (state_.change(seen, wanted)) state_.bell_.ring();
                continue;
            }
            if (caller_.spinner.spin([&] { return end(state_.look()).has_value(); })) continue;
            state_.sleep(caller_, generation_, full ? Until() : until);
        }
    }

private:
    // How the generation ended; empty while it lasts.
    std::optional<bool> end(const View& seen) const noexcept {
        if (seen.generation == generation_) return seen.broken ? std::optional(false) : std::nullopt;
        if (seen.generation == after(generation_)) return seen.before_passed;
        return Place(cell_->load(std::memory_order_acquire)).stage == Stage::passed;
    }
    bool enter(std::uint32_t generation) noexcept {
        generation_ = generation;
        const std::uint64_t place = Place(caller_.process, Stage::inside, generation).word();
        if (cell_ == nullptr) {
            cell_ = state_.claim(place, caller_.roster);
        } else if (cell_->load(std::memory_order_relaxed) != place) {
            cell_->store(place, std::memory_order_release);
        }
        return cell_ != nullptr;
    }
    void leave() noexcept {
        if (cell_ != nullptr) cell_->store(0, std::memory_order_release);
        cell_ = nullptr;
    }

    BarrierState& state_;
    const Caller& caller_;
    Cell* cell_ = nullptr;
    std::uint32_t generation_ = 0;
};

std::optional<std::uint32_t> BarrierState::wait(const Caller& caller, Until until,
                                                cohort::detail::FunctionRef<void()> action) {
    Party party(*this, caller);
    const auto arrival = party.arrive();
    if (!arrival) return std::nullopt;
    const bool passed = *arrival + 1 == parties_ ? party.lead(action) : party.follow(until);
    return passed ? arrival : std::nullopt;
}

void BarrierState::reset() noexcept {
    for (;;) {
        const View seen = look();
        if ((!seen.broken && seen.arrived == 0) || end_generation(seen, false)) return;
    }
}

void BarrierState::abort() noexcept {
    View seen = look();
    while (!seen.broken) {
        break_generation(seen.generation);
        seen = look();
    }
}

std::uint32_t BarrierState::n_waiting() const noexcept {
    const View seen = look();
    return seen.broken ? 0 : seen.arrived;
}

bool BarrierState::broken() const noexcept {
    return look().broken;
}

}  // namespace cohort::sync
