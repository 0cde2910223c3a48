// SPDX-License-Identifier: MIT
// The main function of every test program.
#include "support/denied_calls.hpp"
#include "support/leak_check.hpp"
#include "support/sanitizer_fork.hpp"
#include "support/start_delay.hpp"
#include "support/watchdog.hpp"

#include <gtest/gtest.h>

int main(int argc, char** argv) {
    cohort::test::link_start_delay();
    cohort::test::link_sanitizer_fork();
    testing::InitGoogleTest(&argc, argv);
    if (!testing::GTEST_FLAG(list_tests)) {
        cohort::test::install_leak_check();
        cohort::test::install_watchdog();
        cohort::test::accept_errors_that_name_denied_calls();
    }
    int result = RUN_ALL_TESTS();
    return cohort::test::denied_calls_explain_all_failures() ? 0 : result;
}
