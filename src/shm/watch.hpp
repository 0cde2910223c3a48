// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>

namespace cohort::shm {

/// A word in shared memory that a sleeper watches beside its Doorbell: the sleep ends when the word is woken or is no
/// longer as expected.
struct Watch {
    const std::atomic<std::uint32_t>* word = nullptr;
    std::uint32_t expected = 0;
};

}  // namespace cohort::shm
