// SPDX-License-Identifier: MIT
#include "shm/arena_layout.hpp"

#include <algorithm>

// What is done when a process has died under the mutex: everything that can be derived is derived anew.
namespace cohort::shm {

void Arena::recover() noexcept {
    recover_ends();
    recover_free_places();
    recover_reservations();
    recover_holders();
}

void Arena::recover_ends() noexcept {
    Header& own = header();
    own.end = own.slab == 0 ? own.begin : own.slab + kSlab;
    own.slab_end = own.slab;
    for (const Place& place : places()) {
        const std::uint64_t end = place.offset + place.bytes();
        if (place.is_large()) own.end = std::max(own.end, end);
        if (place.offset >= own.slab && end <= own.slab + kSlab) own.slab_end = std::max(own.slab_end, end);
    }
    own.end = round_up(own.end, kSlab);
}

void Arena::recover_free_places() noexcept {
    Header& own = header();
    own.dying = kNowhere;
    own.warm = 0;
    std::fill(std::begin(own.free), std::end(own.free), kNowhere);
    for (Place& place : places()) {
        place.is_listed = false;
        // The tag first: others take and free small blocks meanwhile. What is owned may be a claim of the living; if
        // not, it is found when its owner is swept.
        std::uint64_t tag = place.tag.load(std::memory_order_acquire);
        if (BlockTag::from_raw(tag).is_owned() || place.kind() != Kind::free) continue;
        if (tag != 0 && !place.tag.compare_exchange_strong(tag, 0, std::memory_order_acq_rel)) continue;
        list(place);
    }
    own.has_dirty.store(true, std::memory_order_relaxed);
}

// A line whose reserver did not live to sign it.
void Arena::recover_reservations() noexcept {
    for (std::uint32_t slot = 0; slot != roster_.used_lines(); ++slot) {
        const Owner owner = roster_.at(slot);
        if (owner.is_nobody() || !roster_.is_reserved(owner)) continue;
        if (roster_.note(owner, kReserver).load(std::memory_order_acquire) != 0) continue;
        roster_.bury(owner, kUnknown);
        roster_.retire(owner);
    }
}

void Arena::recover_holders() noexcept {
    for (Place& place : places()) place.holders = 0;
    for (const Place& place : places())
        if (place.kind() == Kind::parcel)
            for (const std::uint32_t object : pinned(place)) ++table_[object].holders;
    for (std::uint32_t slot = 0; slot != roster_.used_lines(); ++slot) {
        const Owner owner = roster_.at(slot);
        if (owner.is_nobody()) continue;
        for_each_held(owner, [&](std::uint32_t index) {
            if (table_[index].kind() == Kind::object)
                ++table_[index].holders;
            else
                bits(owner, index).fetch_and(~bit_of(index), std::memory_order_relaxed);
        });
    }
    for (Place& place : places()) {
        const auto whole = BlockTag::from_raw(place.tag.load(std::memory_order_acquire)).whole();
        const bool forgotten = place.kind() == Kind::object && place.holders == 0;
        const bool orphaned = place.is_block() && whole && table_[*whole].kind() != Kind::object;
        const bool dying = place.is_block() && place.tag.load(std::memory_order_acquire) == BlockTag::dying().raw();
        if (forgotten || orphaned || dying) give_back(place);
    }
}

}  // namespace cohort::shm
