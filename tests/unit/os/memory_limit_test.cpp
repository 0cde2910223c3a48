// SPDX-License-Identifier: MIT
#include "os/memory_limit.hpp"

#include "os/fork.hpp"

#include <gtest/gtest.h>

#include <unistd.h>
#include <new>
#include <vector>

namespace {

bool can_allocate(std::size_t bytes) {
    try {
        const std::vector<char> memory(bytes, 'x');
        return memory.back() == 'x';
    } catch (const std::bad_alloc&) {
        return false;
    }
}

}  // namespace

TEST(MemoryLimit, more_than_the_growth_cannot_be_allocated) {
    constexpr std::size_t kMiB = std::size_t{1} << 20;
    const auto child = cohort::os::fork_process();
    if (child.in_child()) {
        cohort::os::limit_memory_growth(64 * kMiB);
        const bool as_expected = can_allocate(16 * kMiB) && !can_allocate(256 * kMiB) && can_allocate(16 * kMiB);
        _exit(as_expected ? 0 : 1);
    }
    EXPECT_EQ(child.process.wait(cohort::forever)->code(), 0);
}
