// SPDX-License-Identifier: MIT
#include "chaos/queue_soak.hpp"

#include <gtest/gtest.h>

namespace cohort::test {
namespace {

TEST(QueueSoak, some_dozen_kills) {
    soak(60, 20261121);
}

}  // namespace
}  // namespace cohort::test
