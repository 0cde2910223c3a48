// SPDX-License-Identifier: MIT
#include "os/affinity.hpp"

#include "os/fork.hpp"
#include "os/limits.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

TEST(Affinity, a_process_is_bound_to_one_processor) {
    const unsigned before = cohort::os::affinity_cpus();
    for (const unsigned nth : {0u, 1u, 1000u}) {
        const auto child = cohort::os::fork_process();
        if (child.in_child()) {
            cohort::os::bind_to_processor(nth);
            _exit(static_cast<int>(cohort::os::affinity_cpus()));
        }
        EXPECT_EQ(child.process.wait(cohort::forever)->code(), 1);
    }
    EXPECT_EQ(cohort::os::affinity_cpus(), before);
}
