// SPDX-License-Identifier: MIT
#include "os/limits.hpp"
#include "shm/arena_layout.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <thread>

// How an arena takes back what it gave out.
namespace cohort::shm {

namespace {

// So long the mutex is waited for where it can be done without.
constexpr std::chrono::milliseconds kMutexBusy{1};
// So that others get the mutex between the pieces that are given back to the kernel.
constexpr std::chrono::microseconds kBetweenPieces{100};

std::size_t kept_warm() noexcept {
    static const std::size_t bytes = std::max(kLeastKeptWarm, os::physical_memory() / 64);
    return bytes;
}

}  // namespace

void Arena::list(Place& place) noexcept {
    if (place.is_listed) return;
    place.is_listed = true;
    if (place.is_large()) keep_warm(place);
    std::uint32_t& first = header().free[place.size_class()];
    place.next = first;
    first = index_of(place);
}

// Large ranges keep the memory of payloads, up to a limit.
void Arena::keep_warm(Place& place) noexcept {
    Header& own = header();
    if (own.warm + place.populated <= kept_warm()) {
        own.warm += place.populated;
    } else {
        place.populated = 0;
        place.cleaned = 0;
    }
    if (place.populated == 0 && !place.is_clean()) own.has_dirty.store(true, std::memory_order_relaxed);
}

// What was freed without the mutex and found no room among the hints.
void Arena::list_unlisted() noexcept {
    for (Place& place : places())
        if (place.is_free()) list(place);
}

// What was pinned or a part is given back in turn: a list instead of recursion, for chains may be long.
// REQUIRES: it is in use, or claimed.
void Arena::give_back(Place& place) noexcept {
    Header& own = header();
    const bool first = own.dying == kNowhere;
    place.was = static_cast<std::uint8_t>(place.kind());
    place.tag.store(BlockTag::dying().raw(), std::memory_order_release);
    place.state.store(Place::word(place.generation(), place.size_class(), Kind::free), std::memory_order_release);
    if (!first) {
        // Behind the one that is being dismantled.
        Place& current = table_[own.dying];
        place.next_dying = current.next_dying;
        current.next_dying = index_of(place);
        return;
    }
    place.next_dying = kNowhere;
    for (own.dying = index_of(place); own.dying != kNowhere;) {
        Place& current = table_[own.dying];
        dismantle(current);
        own.dying = current.next_dying;
        list(current);
        current.tag.store(0, std::memory_order_release);
    }
}

void Arena::dismantle(Place& place) noexcept {
    if (place.was == static_cast<std::uint8_t>(Kind::parcel))
        for (const std::uint32_t object : pinned(place)) count_down(table_[object]);
    if (place.has_parts.load(std::memory_order_relaxed) != 0) {
        free_parts_of(index_of(place));
        place.has_parts.store(0, std::memory_order_relaxed);
    }
    if (place.is_large()) cool(place);
}

// An object may have touched more than is known, and of what was being populated nothing is.
void Arena::cool(Place& place) noexcept {
    if (place.was != static_cast<std::uint8_t>(Kind::object) && place.populated != 0) return;
    place.populated = 0;
    place.cleaned = 0;
}

// Not under the mutex. Whoever frees something that is large does this; who was killed meanwhile leaves the rest to the
// next one.
void Arena::clean_up() noexcept {
    while (header().has_dirty.load(std::memory_order_relaxed) && clean_piece())
        std::this_thread::sleep_for(kBetweenPieces);
}

bool Arena::clean_piece() noexcept {
    Guard guard(*this, Deadline(kMutexBusy));
    if (!guard) return true;
    Header& own = header();
    for (unsigned size_class = class_of(kLarge); size_class != kClasses; ++size_class) {
        for (std::uint32_t index = own.free[size_class]; index != kNowhere; index = table_[index].next) {
            Place& place = table_[index];
            if (place.populated != 0 || place.is_clean()) continue;
            const std::size_t done = place.cleaned * kPiece;
            try {
                segment_.discard(place.offset + done, std::min(kPiece, place.bytes() - done));
            } catch (const std::system_error&) {
                return false;  // tried again before an object is made of it
            }
            ++place.cleaned;
            return true;
        }
    }
    own.has_dirty.store(false, std::memory_order_relaxed);
    return false;
}

void Arena::count_down(Place& object) noexcept {
    if (--object.holders == 0) give_back(object);
}

void Arena::free_parts_of(std::uint32_t object) noexcept {
    for (Place& place : places())
        if (place.is_block() && BlockTag::from_raw(place.tag.load(std::memory_order_acquire)).whole() == object)
            give_back(place);
}

// Also what it had claimed and not yet put to use, or no longer.
void Arena::free_owned_by(Owner owner) noexcept {
    const std::uint64_t tag = BlockTag::owned_by(owner).raw();
    for (Place& place : places()) {
        if (place.tag.load(std::memory_order_acquire) == tag)
            give_back(place);
        else if (!place.is_listed && place.is_free())
            list(place);  // it may have died before it told of it
    }
}

void Arena::drop(Owner process, BlockName object) noexcept {
    {
        Guard guard(*this);
        Place* place = find(object);
        if (!place || place->kind() != Kind::object) return;
        const auto before = bits(process, object.place).fetch_and(~bit_of(object.place), std::memory_order_relaxed);
        if ((before & bit_of(object.place)) != 0) count_down(*place);
    }
    clean_up();
}

void Arena::free(BlockName block) noexcept {
    Place* place = find(block);
    if (!place) return;
    const bool is_owned = BlockTag::from_raw(place->tag.load(std::memory_order_acquire)).is_owned();
    const bool alone = is_owned && place->kind() == Kind::block;
    if (alone && !place->is_large()) return free_alone(*place, block);
    {
        Guard guard(*this, alone ? Deadline(kMutexBusy) : Deadline(forever));
        if (!guard) return free_alone(*place, block);
        if (find(block) && place->is_block()) give_back(*place);
    }
    clean_up();
}

// A block of a process, without the mutex.
void Arena::free_alone(Place& place, BlockName block) noexcept {
    std::uint64_t used = Place::word(block.generation, place.size_class(), Kind::block);
    const std::uint64_t free = Place::word(block.generation, place.size_class(), Kind::free);
    if (!place.state.compare_exchange_strong(used, free, std::memory_order_acq_rel)) return;
    place.tag.store(0, std::memory_order_release);
    const bool small = !place.is_large();
    if (small && header().hints.push(place.size_class(), block.place)) return;
    Guard guard(*this, Deadline(std::chrono::seconds(0)));
    if (guard && place.is_free())
        list(place);
    else
        header().has_unlisted.store(true);
}

void Arena::free_if(BlockName block, BlockTag tag) noexcept {
    {
        Guard guard(*this);
        Place* place = find_tagged(block, tag);
        if (place) give_back(*place);
    }
    clean_up();
}

}  // namespace cohort::shm
