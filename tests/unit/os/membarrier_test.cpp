// SPDX-License-Identifier: MIT
#include "os/membarrier.hpp"

#include "os/fault.hpp"

#include <gtest/gtest.h>

#include <cerrno>

namespace {

using namespace cohort::os;

TEST(Membarrier, is_made_where_processes_can_register) {
    bool registered = register_for_membarrier();
    EXPECT_EQ(membarrier_all_registered(), registered);
}

TEST(Membarrier, says_when_it_is_not_made) {
    Fault fault("membarrier", ENOSYS, 1, 2);
    EXPECT_FALSE(register_for_membarrier());
    EXPECT_FALSE(membarrier_all_registered());
}

}  // namespace
