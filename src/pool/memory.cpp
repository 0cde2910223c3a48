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
constexpr std::uint32_t kVersion = 4;

constexpr shm::Ring::Shape kTaskRing{Memory::kTaskCells, 64};

// Generations of a roster line run out after a million processes; with spare lines a pool that replaces its workers all
// the time never gets there.
constexpr std::uint32_t kSpareLines = 64;

// Address space for payloads, sparse: the pool takes of it what it uses at once.
constexpr std::size_t kMostTogether = std::size_t{1} << 40;
constexpr std::size_t kLeastTogether = std::size_t{1} << 28;
constexpr std::size_t kLargestArena = std::size_t{1} << 36;

// In a place.
constexpr std::size_t kRoomBell = sizeof(PlaceStats);
constexpr std::size_t kResults = kRoomBell + 128;

constexpr std::size_t round_up(std::size_t value, std::size_t step) {
    return (value + step - 1) / step * step;
}

// A pool may grow: of the places beyond its first workers memory is taken when they are used.
constexpr std::uint32_t kPlacesAtLeast = 16;
std::uint32_t places_for(std::uint32_t workers) {
    return std::clamp(2 * workers, kPlacesAtLeast, Memory::kMostWorkers);
}

shm::SpscRing::Shape result_ring(std::uint32_t workers) {
    return {workers <= 32 ? 1024U : 256U, 64};
}

}  // namespace

struct Memory::Layout {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t workers;
    std::uint32_t place_count;
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
std::size_t fixed_bytes(std::uint32_t workers, std::uint32_t place_count) {
    const std::size_t places = place_count * (shm::SpscRing::bytes(result_ring(workers)) + 512);
    return places + shm::Roster::bytes(place_count + kSpareLines + 1) + shm::Ring::bytes(kTaskRing) +
           Memory::kJobLines * sizeof(JobLine) + (std::size_t{1} << 16);
}

struct Created {
    shm::Segment segment;
    std::uint32_t place_count;
};

// As much address space as the limits of this process (RLIMIT_AS, RLIMIT_FSIZE, sanitizers) allow. Where it is scarce,
// the pool cannot grow.
Created create_segment(std::uint32_t workers) {
    for (std::size_t together = kMostTogether;; together /= 4) {
        const std::uint32_t count = together == kMostTogether ? places_for(workers) : workers;
        const std::size_t arena = std::min(kLargestArena, together / (count + 1));
        try {
            return {shm::Segment::create("cohort-pool", fixed_bytes(workers, count) + (count + 1) * arena), count};
        } catch (const std::system_error&) {
            if (together <= kLeastTogether) throw;
        }
    }
}

}  // namespace

Memory Memory::create(std::uint32_t workers) {
    auto [segment, place_count] = create_segment(workers);
    Memory memory(std::move(segment));
    memory.carve_parts(workers, place_count);
    return memory;
}

void Memory::carve_parts(std::uint32_t workers, std::uint32_t place_count) {
    const std::size_t begin = segment_.carve(sizeof(Layout));
    segment_.populate(begin, sizeof(Layout));
    auto& layout = *new (segment_.at<>(begin)) Layout{};
    layout.version = kVersion;
    layout.workers = workers;
    layout.place_count = place_count;
    layout.signals = segment_.carve(sizeof(Signals));
    const std::uint32_t lines = layout.place_count + kSpareLines + 1;
    layout.roster = segment_.carve(shm::Roster::bytes(lines));
    layout.tasks = segment_.carve(shm::Ring::bytes(kTaskRing));
    layout.jobs = segment_.carve(kJobLines * sizeof(JobLine));
    layout.cancelled = segment_.carve(kTaskCells * sizeof(std::atomic<std::uint64_t>));
    layout.place_bytes = round_up(kResults + shm::SpscRing::bytes(result_ring(workers)), 128);
    layout.places = segment_.carve(layout.place_count * layout.place_bytes);
    segment_.populate(begin, layout.places + workers * layout.place_bytes - begin);
    const std::size_t rest =
        segment_.size() - layout.places - layout.place_count * layout.place_bytes - os::page_size();
    layout.arena_bytes = rest / (layout.place_count + 1) / os::page_size() * os::page_size();
    layout.arenas = segment_.carve((layout.place_count + 1) * layout.arena_bytes, os::page_size());

    new (segment_.at<>(layout.signals)) Signals{};
    shm::Roster::format(segment_.at<>(layout.roster), lines);
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

std::uint32_t Memory::places() const noexcept {
    return layout().place_count;
}

PlaceStats& Memory::stats(std::uint32_t index) const noexcept {
    return *segment_.at<PlaceStats>(place(index));
}

void Memory::renew_place(std::uint32_t index) const {
    if (index >= workers()) segment_.populate(place(index), layout().place_bytes);
    new (&stats(index)) PlaceStats{};
    new (&room_bell(index)) shm::Doorbell{};
    shm::SpscRing::format(results(index), result_ring(workers()));
}

shm::Doorbell& Memory::room_bell(std::uint32_t index) const noexcept {
    return *segment_.at<shm::Doorbell>(place(index) + kRoomBell);
}

std::byte* Memory::results(std::uint32_t index) const noexcept {
    return segment_.at<>(place(index) + kResults);
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
