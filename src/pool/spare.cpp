// SPDX-License-Identifier: MIT
#include "pool/spare.hpp"

namespace cohort::pool {

bool Spare::withdraw() noexcept {
    std::uint32_t seen = kOffered;
    return owner_.compare_exchange_strong(seen, 0, std::memory_order_relaxed) || seen == 0;
}

bool Spare::employ(std::uint32_t place, shm::Owner owner) noexcept {
    std::uint32_t seen = owner_.load(std::memory_order_relaxed);
    if (seen != kOffered) return false;
    place_.store(place, std::memory_order_relaxed);
    // Release: who sees the owner sees the place, and the roster line and rings that were made ready for it.
    if (!owner_.compare_exchange_strong(seen, owner.raw(), std::memory_order_release, std::memory_order_relaxed))
        return false;
    os::futex_wake(owner_, 1);
    return true;
}

shm::Owner Spare::owner() const noexcept {
    const std::uint32_t seen = owner_.load(std::memory_order_acquire);
    return seen == kOffered ? shm::Owner() : shm::Owner::from_raw(seen);
}

Spare::Order Spare::wait() const {
    std::uint32_t seen;
    while ((seen = owner_.load(std::memory_order_acquire)) == kOffered) os::futex_wait(owner_, kOffered, {});
    return {place_.load(std::memory_order_relaxed), shm::Owner::from_raw(seen)};
}

}  // namespace cohort::pool
