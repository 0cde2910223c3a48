// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace cohort::shm {

/// Who owns something in shared memory: a line of the Roster and the generation of that line. 32 bits, so that an owner
/// fits into one word together with a ticket. A pair is never used twice; zero is nobody.
///
/// Thread safety: a value.
class Owner {
public:
    static constexpr unsigned kSlotBits = 12;
    /// Lines 0 … kSlots - 1 can belong to processes; the last number marks the words of a ring that nobody owns.
    static constexpr std::uint32_t kSlots = (1U << kSlotBits) - 1;
    /// The top bit of raw() stays zero: locks keep their sleepers there.
    static constexpr std::uint32_t kMaxGeneration = (1U << (31 - kSlotBits)) - 1;

    constexpr Owner() noexcept = default;
    /// REQUIRES: slot < kSlots, 1 <= generation <= kMaxGeneration.
    constexpr Owner(std::uint32_t slot, std::uint32_t generation) noexcept : raw_(generation << kSlotBits | slot) {}
    static constexpr Owner from_raw(std::uint32_t raw) noexcept {
        Owner owner;
        owner.raw_ = raw;
        return owner;
    }

    constexpr std::uint32_t slot() const noexcept { return raw_ & kSlots; }
    constexpr std::uint32_t generation() const noexcept { return raw_ >> kSlotBits; }
    constexpr std::uint32_t raw() const noexcept { return raw_; }
    constexpr bool is_nobody() const noexcept { return raw_ == 0; }
    friend constexpr bool operator==(Owner, Owner) noexcept = default;

private:
    std::uint32_t raw_ = 0;
};

/// Tells a ring which owners will never run another instruction. Without a function nobody is ever taken for dead, and
/// only the ring's sweep() repairs what the dead left.
struct Liveness {
    bool (*is_dead)(const void* context, Owner owner) noexcept = nullptr;
    const void* context = nullptr;

    bool dead(Owner owner) const noexcept { return is_dead != nullptr && is_dead(context, owner); }
};

}  // namespace cohort::shm
