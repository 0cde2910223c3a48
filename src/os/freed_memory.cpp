// SPDX-License-Identifier: MIT
#include "os/freed_memory.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdlib>

namespace cohort::os {

namespace {

constexpr std::size_t kAtFirst = std::size_t{128} * 1024;     // glibc's
constexpr std::size_t kMost = std::size_t{32} * 1024 * 1024;  // glibc learns no larger ones

std::atomic<std::size_t> known{kAtFirst};

}  // namespace

// glibc keeps twice the largest block that was mapped for itself and freed: so it is shown one. mallopt() would take
// the learning, and the settings of the program, away.
void keep_freed_blocks(std::size_t size) noexcept {
    const std::size_t wanted = 2 * std::min(kMost, size);  // four blocks
    std::size_t before = known.load(std::memory_order_relaxed);
    if (wanted <= before || before == kMost) return;
    const std::size_t shown = std::min(kMost, std::bit_ceil(wanted));
    if (!known.compare_exchange_strong(before, shown, std::memory_order_relaxed)) return;
    void* volatile block = std::malloc(shown - shown / 16);  // with its head it is no larger than the most
    std::free(block);
}

}  // namespace cohort::os
