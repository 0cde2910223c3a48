// SPDX-License-Identifier: MIT
#pragma once

#include "os/futex.hpp"
#include "shm/owner.hpp"

#include <atomic>
#include <cstdint>

namespace cohort::pool {

/// The words by which the pool employs its spare: a worker that the nursery has forked before it is needed, and that
/// sleeps until it has a place. So a worker is replaced by a wake, without a fork and without the nursery.
///
///   nursery                    pool                                     spare
///   offer(), fork
///                              employ(place, owner), then the request   wait(): the place and the owner
///   request: owner() is it:
///   the worker is the spare
///
/// Invariants
///  1. There is one spare at a time: the nursery offers the next one, by other words, when the request that employs the
///     one before has come, or it has died. It uses the same words again when the spare that used them before has read
///     its order, or has died: so a spare sees no other one's order.
///  2. Only the nursery offers and withdraws, only the pool employs, under the mutex of its dispatcher.
///
/// Thread safety: all functions, from any process.
/// FORK: valid in the child.
/// DEATH: of the spare: the nursery withdraws it, or tells how the worker ended that it was to be. Of the nursery: the
/// kernel kills the spare. Of the pool: the nursery does.
class Spare {
public:
    struct Order {
        std::uint32_t place = 0;
        shm::Owner owner{};
    };

    /// A spare is there, or will be soon.
    void offer() noexcept { owner_.store(kOffered, std::memory_order_release); }
    /// There is none any more. @returns false if it is employed
    bool withdraw() noexcept;

    /// Makes the spare the worker at this place. @returns whether there is one
    bool employ(std::uint32_t place, shm::Owner owner) noexcept;
    /// Who was employed last; nobody while a spare is offered, and before the first.
    shm::Owner owner() const noexcept;

    /// Sleeps until the calling process, the spare, is employed.
    Order wait() const;

private:
    static constexpr std::uint32_t kOffered = 1U << 31;  // no owner has this bit

    os::FutexWord owner_{0};
    std::atomic<std::uint32_t> place_{0};
};

}  // namespace cohort::pool
