# SPDX-License-Identifier: MIT
# GoogleTest and the standard headers of nearly all tests, read once for all test programs: a third of their compile time.
# Files still include what they use.
add_library(cohort_precompiled INTERFACE)
target_compile_options(cohort_precompiled INTERFACE
  # What a compiler cache needs to see through precompiled headers.
  $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
  "$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")

add_library(cohort_test_headers OBJECT support/precompiled.cpp)
target_include_directories(cohort_test_headers PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(cohort_test_headers
  PRIVATE cohort::cohort cohort_test_support cohort_developer_flags cohort_precompiled GTest::gtest)
target_precompile_headers(cohort_test_headers PRIVATE
  <gtest/gtest.h> <algorithm> <array> <atomic> <chrono> <cstring> <filesystem> <functional> <map> <memory> <mutex>
  <optional> <span> <string> <string_view> <system_error> <thread> <unordered_map> <variant> <vector>)
