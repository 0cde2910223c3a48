// SPDX-License-Identifier: MIT
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "shm/spinner.hpp"
#include "support/shared.hpp"

namespace bench {

/// One place for one letter, which a process that is forked from this one shares, and a futex. As letters take turns,
/// the place is free when one is sent: the least that a message needs.
template <class Letter, bool kSpins>
class Letterbox {
public:
    void send(const Letter& letter) {
        box_->letter = letter;
        box_->count.fetch_add(1, std::memory_order_release);
        if constexpr (!kSpins) futex(FUTEX_WAKE, 1);
    }
    Letter receive() {
        while (box_->count.load(std::memory_order_acquire) == received_) {
            if constexpr (kSpins)
                cohort::shm::relax();
            else
                futex(FUTEX_WAIT, received_);
        }
        ++received_;
        return box_->letter;
    }

private:
    struct Box {
        std::atomic<std::uint32_t> count;
        Letter letter;
    };

    void futex(int operation, std::uint32_t value) {
        ::syscall(SYS_futex, &box_->count, operation, value, nullptr, nullptr, 0);
    }

    Shared<Box> box_;
    std::uint32_t received_ = 0;
};

}  // namespace bench
