// SPDX-License-Identifier: MIT
#include "chaos/queue_soak.hpp"

#include "support/counts.hpp"

#include <gtest/gtest.h>

namespace cohort::test {
namespace {

TEST(QueueSoak, every_item_is_accounted_for_and_memory_is_flat) {
    soak(full_counts() ? 100'000 : 1'000, 20261122);
}

}  // namespace
}  // namespace cohort::test
