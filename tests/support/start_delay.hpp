// SPDX-License-Identifier: MIT
#pragma once

namespace cohort::test {

/// With COHORT_TEST_START_DELAY=<milliseconds> in the environment every process that comes from a test program begins
/// with a pause of up to that time, another one each: a fresh image before its static constructors, a forked child
/// before fork() returns in it. What is only right when workers are quick to start shows itself so.
void link_start_delay();

}  // namespace cohort::test
