# SPDX-License-Identifier: MIT
# The headers of nearly all tests, read once for all test programs.
add_library(cohort_test_headers OBJECT support/precompiled.cpp)
target_include_directories(cohort_test_headers PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(cohort_test_headers
  PRIVATE cohort::cohort cohort_test_support cohort_developer_flags cohort_precompiled GTest::gtest)
target_precompile_headers(cohort_test_headers PRIVATE
  ${COHORT_PRECOMPILED_HEADERS} <gtest/gtest.h> <filesystem> <map> <thread> <unordered_map> <variant>)
