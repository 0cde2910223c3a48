# SPDX-License-Identifier: MIT
# Precompiled headers, for people who work on cohort: the standard headers that nearly every file reads are more than half
# of its compile time. Files still include what they use: builds of users, which have none, show what is missing.
add_library(cohort_precompiled INTERFACE)
target_compile_options(cohort_precompiled INTERFACE
  # What a compiler cache needs to see through precompiled headers.
  $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
  "$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")

set(COHORT_PRECOMPILED_HEADERS
  <algorithm> <array> <atomic> <chrono> <cstring> <functional> <memory> <mutex> <optional> <span> <string> <string_view>
  <system_error> <tuple> <type_traits> <utility> <vector>)

# cohort_read_whole(<target>): a program each file of which includes <cohort/cohort.hpp>: it is read once for all of them.
function(cohort_read_whole target)
  target_link_libraries(${target} PRIVATE cohort_precompiled)
  if(CMAKE_BUILD_TYPE STREQUAL Debug)
    target_precompile_headers(${target} REUSE_FROM cohort_test_start_method)
  endif()
endfunction()
