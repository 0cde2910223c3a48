// SPDX-License-Identifier: MIT
#include "pool/memory.hpp"

#include "os/mapping.hpp"
#include "shm/spsc_ring.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

namespace cohort::pool {

namespace {

constexpr std::uint64_t kMagic = 0x4c4f4f50'524f48'43;  // "CHORPOOL"
constexpr std::uint32_t kVersion = 2;

constexpr shm::Ring::Shape kTaskRing{Memory::kTaskCells, 64};

// Generations of a roster line run out after a million processes; with spare lines a pool that replaces its workers all
// the time never gets there.
constexpr std::uint32_t kSpareLines = 64;

// Address space for payloads, sparse: the pool takes of it what it uses at once.
constexpr std::size_t kMostTogether = std::size_t{1} << 40;
constexpr std::size_t kLeastTogether = std::size_t{1} << 28;
constexpr std::size_t kLargestArena = std::size_t{1} << 36;

constexpr std::size_t round_up(std::size_t value, std::size_t step) {
    return (value + step - 1) / step * step;
}

shm::SpscRing::Shape result_ring(std::uint32_t workers) {
    return {workers <= 32 ? 1024U : 256U, 64};
}

}  // namespace

struct Memory::Layout {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t workers;
    std::size_t signals;
    std::size_t roster;
    std::size_t tasks;
    std::size_t jobs;
    std::size_t cancelled;
    std::size_t places;
    std::size_t place_bytes;
    std::size_t arenas;
    std::size_t arena_bytes;
};

namespace {

// Everything but the arenas, generously.
std::size_t fixed_bytes(std::uint32_t workers) {
    const std::size_t places = workers * (shm::SpscRing::bytes(result_ring(workers)) + 256);
    return places + shm::Roster::bytes(workers + kSpareLines + 1) + shm::Ring::bytes(kTaskRing) +
           Memory::kJobLines * sizeof(JobLine) + (std::size_t{1} << 16);
}

// As much address space as the limits of this process (RLIMIT_AS, RLIMIT_FSIZE, sanitizers) allow.
shm::Segment create_segment(std::uint32_t workers) {
    for (std::size_t together = kMostTogether;; together /= 4) {
        const std::size_t arena = std::min(kLargestArena, together / (workers + 1));
        try {
            return shm::Segment::create("cohort-pool", fixed_bytes(workers) + (workers + 1) * arena);
        } catch (const std::system_error&) {
            if (together <= kLeastTogether) throw;
        }
    }
}

}  // namespace

Memory Memory::create(std::uint32_t workers) {
    Memory memory(create_segment(workers));
    memory.carve_parts(workers);
    return memory;
}

void Memory::carve_parts(std::uint32_t workers) {
    const std::size_t begin = segment_.carve(sizeof(Layout));
    segment_.populate(begin, sizeof(Layout));
    auto& layout = *new (segment_.at<>(begin)) Layout{};
    layout.version = kVersion;
    layout.workers = workers;
    layout.signals = segment_.carve(sizeof(Signals));
    layout.roster = segment_.carve(shm::Roster::bytes(workers + kSpareLines + 1));
    layout.tasks = segment_.carve(shm::Ring::bytes(kTaskRing));
    layout.jobs = segment_.carve(kJobLines * sizeof(JobLine));
    layout.cancelled = segment_.carve(kTaskCells * sizeof(std::atomic<std::uint64_t>));
    layout.place_bytes = round_up(128 + shm::SpscRing::bytes(result_ring(workers)), 128);
    layout.places = segment_.carve(workers * layout.place_bytes);
    segment_.populate(begin, layout.places + workers * layout.place_bytes - begin);
    const std::size_t rest = segment_.size() - layout.places - workers * layout.place_bytes - os::page_size();
    layout.arena_bytes = rest / (workers + 1) / os::page_size() * os::page_size();
    layout.arenas = segment_.carve((workers + 1) * layout.arena_bytes, os::page_size());

    new (segment_.at<>(layout.signals)) Signals{};
    shm::Roster::format(segment_.at<>(layout.roster), workers + kSpareLines + 1);
    shm::Ring::format(segment_.at<>(layout.tasks), kTaskRing);
    layout.magic = kMagic;
}

Memory Memory::attach(Descriptor descriptor) {
    Memory memory(shm::Segment::attach(std::move(descriptor)));
    const Layout& layout = memory.layout();
    if (layout.magic != kMagic || layout.version != kVersion)
        throw std::runtime_error("cohort: this segment is no pool of layout version " + std::to_string(kVersion));
    return memory;
}

const Memory::Layout& Memory::layout() const noexcept {
    return *std::launder(segment_.at<Layout>(shm::Segment::kFirstOffset));
}

std::uint32_t Memory::workers() const noexcept {
    return layout().workers;
}

Signals& Memory::signals() const noexcept {
    return *std::launder(segment_.at<Signals>(layout().signals));
}

shm::Roster Memory::roster() const {
    return shm::Roster(segment_.at<>(layout().roster));
}

shm::Ring Memory::tasks() const {
    return shm::Ring(segment_.at<>(layout().tasks));
}

JobLine& Memory::job(std::uint32_t line) const noexcept {
    return segment_.at<JobLine>(layout().jobs)[line];
}

std::atomic<std::uint64_t>& Memory::cancelled(TaskId id) const noexcept {
    return segment_.at<std::atomic<std::uint64_t>>(layout().cancelled)[id.line() % kTaskCells];
}

std::size_t Memory::place(std::uint32_t place) const noexcept {
    return layout().places + place * layout().place_bytes;
}

void Memory::renew_place(std::uint32_t place) const {
    new (&room_bell(place)) shm::Doorbell{};
    shm::SpscRing::format(results(place), result_ring(workers()));
}

shm::Doorbell& Memory::room_bell(std::uint32_t index) const noexcept {
    return *segment_.at<shm::Doorbell>(place(index));
}

std::byte* Memory::results(std::uint32_t index) const noexcept {
    return segment_.at<>(place(index) + 128);
}

std::uint32_t Memory::result_cells() const noexcept {
    return result_ring(workers()).cells;
}

shm::LendingArena Memory::parent_arena() const {
    return shm::LendingArena(segment_, layout().arenas, layout().arena_bytes);
}

shm::LendingArena Memory::worker_arena(std::uint32_t place) const {
    return shm::LendingArena(segment_, layout().arenas + (place + 1) * layout().arena_bytes, layout().arena_bytes);
}

}  // namespace cohort::pool
