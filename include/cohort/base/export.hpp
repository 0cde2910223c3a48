// SPDX-License-Identifier: MIT
#pragma once

/// Marks what the shared library gives to its users; everything else is hidden.
#define COHORT_API __attribute__((visibility("default")))
