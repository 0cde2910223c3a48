// SPDX-License-Identifier: MIT
#include "shm/roster.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>

namespace cohort::shm {

namespace {

constexpr std::uint32_t kMagic = 0x54534f52;  // "ROST"
constexpr std::uint32_t kVersion = 2;

// How a process ended, in one word: 0 is unknown.
constexpr std::uint64_t kKnown = 1;
constexpr std::uint64_t kSignaled = 2;
constexpr std::uint64_t kCore = 4;

std::uint64_t encode(ExitStatus status) noexcept {
    const auto number = static_cast<std::uint64_t>(status.signal().value_or(status.code().value_or(0)));
    return number << 8 | kKnown | (status.signal() ? kSignaled : 0) | (status.core_dumped() ? kCore : 0);
}

std::optional<ExitStatus> decode(std::uint64_t word) noexcept {
    if ((word & kKnown) == 0) return std::nullopt;
    const auto number = static_cast<int>(word >> 8);
    return (word & kSignaled) != 0 ? ExitStatus::signaled(number, (word & kCore) != 0) : ExitStatus::exited(number);
}

}  // namespace

struct Roster::Header {
    std::uint32_t magic;
    std::uint32_t version;
    std::uint32_t lines;
    std::atomic<std::uint32_t> used;  // no line from here on was ever reserved
    std::atomic<std::uint64_t>
        next;  // how often a used line was looked at: where the next search for a free one begins
};

// 128 bytes: what sleepers and askers read, then the cache line that the process itself writes.
struct alignas(128) Roster::Line {
    std::atomic<std::uint64_t> state;  // generation << 32 | State
    std::atomic<pid_t> pid;
    std::atomic<pid_t> thread;
    LifeLock life;
    std::atomic<std::uint64_t> thread_start;
    alignas(64) std::atomic<std::uint64_t> doing;
    std::atomic<std::uint64_t> start_time;
    std::atomic<std::uint64_t> exit;
    std::atomic<std::uint64_t> notes[kNotes];
};

std::uint64_t Roster::word_of(std::uint32_t generation, State state) noexcept {
    return std::uint64_t{generation} << 32 | static_cast<std::uint32_t>(state);
}

std::size_t Roster::bytes(std::uint32_t lines) noexcept {
    return sizeof(Line) * (std::size_t{lines} + 1);
}

void Roster::format(std::byte* memory, std::uint32_t lines) noexcept {
    std::memset(memory, 0, bytes(lines));
    format_zeroed(memory, lines);
}

// A line of zeros is a line of generation 0, and free.
void Roster::format_zeroed(std::byte* memory, std::uint32_t lines) noexcept {
    static_assert(sizeof(Line) == kLineBytes && sizeof(Header) <= sizeof(Line));
    static_assert(static_cast<std::uint32_t>(State::free) == 0);
    auto* header = new (memory) Header{kMagic, kVersion, lines, {}, {}};
    header->next.store(0, std::memory_order_release);
}

Roster::Roster(std::byte* memory) {
    auto* header = std::launder(reinterpret_cast<Header*>(memory));
    if (header->magic != kMagic || header->version != kVersion)
        throw std::runtime_error("cohort: this memory holds no roster of layout version " + std::to_string(kVersion));
    first_ = std::launder(reinterpret_cast<Line*>(memory + sizeof(Line)));
    lines_ = header->lines;
    header_ = header;
}

Roster::Line& Roster::line(Owner owner) const noexcept {
    return first_[owner.slot()];
}

bool Roster::move(Owner owner, State from, State to) const noexcept {
    std::uint64_t expected = word_of(owner.generation(), from);
    return line(owner).state.compare_exchange_strong(expected, word_of(owner.generation(), to),
                                                     std::memory_order_acq_rel, std::memory_order_relaxed);
}

// Used lines first, round and round, so that each rests before its next generation: what is kept for each line, here
// and by others, grows with the processes that there are at once, not with those that ever were.
Owner Roster::reserve() noexcept {
    const std::uint32_t used = used_lines();
    for (std::uint32_t tried = 0; tried != used; ++tried) {
        const std::uint64_t next = header_->next.fetch_add(1, std::memory_order_relaxed);
        if (const Owner found = reserve_at(static_cast<std::uint32_t>(next % used)); !found.is_nobody()) return found;
    }
    for (std::uint32_t fresh = used; fresh < lines_;) {
        if (!header_->used.compare_exchange_weak(fresh, fresh + 1, std::memory_order_acq_rel)) continue;
        if (const Owner found = reserve_at(fresh++); !found.is_nobody()) return found;
    }
    return {};
}

// Nobody if it is not free.
Owner Roster::reserve_at(std::uint32_t slot) noexcept {
    Line& line = first_[slot];
    std::uint64_t seen = line.state.load(std::memory_order_acquire);
    const auto generation = static_cast<std::uint32_t>(seen >> 32);
    if (seen != word_of(generation, State::free) || generation == Owner::kMaxGeneration) return {};
    if (!line.state.compare_exchange_strong(seen, word_of(generation + 1, State::reserved), std::memory_order_acq_rel,
                                            std::memory_order_relaxed))
        return {};
    line.pid.store(0, std::memory_order_relaxed);
    line.life.format();
    line.exit.store(0, std::memory_order_relaxed);
    line.doing.store(0, std::memory_order_relaxed);
    for (auto& note : line.notes) note.store(0, std::memory_order_relaxed);
    return {slot, generation + 1};
}

// From `entering` on nobody ends the line of a process that may live.
bool Roster::enter(Owner me, const ProcessMark& mark) noexcept {
    if (!move(me, State::reserved, State::entering)) return false;
    Line& own = line(me);
    own.thread.store(mark.thread, std::memory_order_relaxed);
    own.start_time.store(mark.start_time, std::memory_order_relaxed);
    own.thread_start.store(mark.thread_start, std::memory_order_relaxed);
    own.pid.store(mark.pid, std::memory_order_release);
    own.life.take();
    // Who sees it live sees the lock held.
    if (move(me, State::entering, State::live)) return true;
    own.life.drop();
    return false;
}

ProcessMark Roster::mark_in(const Line& line) noexcept {
    const pid_t pid = line.pid.load(std::memory_order_acquire);
    return {pid, line.thread.load(std::memory_order_relaxed), line.start_time.load(std::memory_order_relaxed),
            line.thread_start.load(std::memory_order_relaxed)};
}

bool Roster::is(Owner owner, State state) const noexcept {
    return line(owner).state.load(std::memory_order_acquire) == word_of(owner.generation(), state);
}

void Roster::leave(Owner me) noexcept {
    move(me, State::live, State::ended);
    line(me).life.drop();
    wake_watchers(me);
}

void Roster::bury(Owner dead, ExitStatus status) noexcept {
    if (line(dead).state.load(std::memory_order_acquire) >> 32 != dead.generation()) return;
    line(dead).exit.store(encode(status), std::memory_order_release);
    for (const State from : {State::reserved, State::entering, State::live})
        if (move(dead, from, State::ended)) return wake_watchers(dead);
}

bool Roster::end_reserved(Owner owner, ExitStatus status) noexcept {
    if (!move(owner, State::reserved, State::ended)) return false;
    line(owner).exit.store(encode(status), std::memory_order_release);
    return true;
}

bool Roster::end_entering(Owner owner, ExitStatus status) noexcept {
    if (!is(owner, State::entering)) return false;
    const ProcessMark mark = mark_in(line(owner));
    if (mark.pid == 0 || !process_has_ended(mark)) return false;
    if (!move(owner, State::entering, State::ended)) return false;
    line(owner).exit.store(encode(status), std::memory_order_release);
    return true;
}

void Roster::retire(Owner dead) noexcept {
    move(dead, State::ended, State::free);
}

bool Roster::is_dead(Owner owner) const noexcept {
    Line& its = line(owner);
    const std::uint64_t seen = its.state.load(std::memory_order_acquire);
    if (seen == word_of(owner.generation(), State::live)) {
        if (!its.life.marked()) return false;
        const ProcessMark mark = mark_in(its);
        // The line may have been retired and reserved anew since: then the mark is another's, but the owner is dead.
        if (!process_is_dead(mark)) return its.state.load(std::memory_order_acquire) != seen;
        if (move(owner, State::live, State::ended)) wake_watchers(owner);
        return true;
    }
    return seen != word_of(owner.generation(), State::reserved) && seen != word_of(owner.generation(), State::entering);
}

bool Roster::anybody_lives() const noexcept {
    for (std::uint32_t slot = 0; slot != used_lines(); ++slot) {
        const Owner owner = at(slot);
        if (!owner.is_nobody() && !is_reserved(owner) && !is_dead(owner)) return true;
    }
    return false;
}

bool Roster::is_stopped(Owner owner) const noexcept {
    const pid_t process = pid(owner);
    return process != 0 && process_is_stopped(process);
}

Liveness Roster::liveness() const noexcept {
    return {
        [](const void* context, Owner owner) noexcept { return static_cast<const Roster*>(context)->is_dead(owner); },
        this};
}

std::optional<Watch> Roster::watch(Owner owner) const noexcept {
    Line& its = line(owner);
    if (!is(owner, State::live)) return std::nullopt;
    return its.life.watch();
}

void Roster::wake_watchers(Owner owner) const noexcept {
    line(owner).life.wake_watchers();
}

std::uint32_t Roster::used_lines() const noexcept {
    return header_->used.load(std::memory_order_acquire);
}

Owner Roster::at(std::uint32_t slot) const noexcept {
    const std::uint64_t seen = first_[slot].state.load(std::memory_order_acquire);
    const auto generation = static_cast<std::uint32_t>(seen >> 32);
    return seen == word_of(generation, State::free) ? Owner() : Owner(slot, generation);
}

bool Roster::is_reserved(Owner owner) const noexcept {
    return is(owner, State::reserved);
}

bool Roster::is_live(Owner owner) const noexcept {
    return is(owner, State::live);
}

pid_t Roster::pid(Owner owner) const noexcept {
    return line(owner).pid.load(std::memory_order_acquire);
}

std::optional<ExitStatus> Roster::exit_status(Owner owner) const noexcept {
    const Line& its = line(owner);
    const auto status = decode(its.exit.load(std::memory_order_acquire));
    if (its.state.load(std::memory_order_acquire) >> 32 != owner.generation()) return std::nullopt;
    return status;
}

std::atomic<std::uint64_t>& Roster::doing(Owner owner) const noexcept {
    return line(owner).doing;
}

std::atomic<std::uint64_t>& Roster::note(Owner owner, std::size_t index) const noexcept {
    return line(owner).notes[index];
}

}  // namespace cohort::shm
