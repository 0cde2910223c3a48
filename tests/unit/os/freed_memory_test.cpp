// SPDX-License-Identifier: MIT
#include "os/freed_memory.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <cstddef>
#include <vector>

namespace {

long page_faults() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

void take_and_free(std::size_t size) {
    const std::vector<std::byte> one(size), other(size), third(size);
}

TEST(FreedMemory, blocks_of_a_known_size_are_not_given_back) {
    constexpr std::size_t kSize = std::size_t{1} << 20;
    constexpr long kPages = kSize / 4096;
    cohort::os::keep_freed_blocks(kSize);
    take_and_free(kSize);
    const long before = page_faults();
    for (int i = 0; i != 20; ++i) take_and_free(kSize);
    EXPECT_LT(page_faults() - before, kPages);
}

TEST(FreedMemory, any_size_may_be_asked_for) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1} << 40})
        cohort::os::keep_freed_blocks(size);
}

}  // namespace
