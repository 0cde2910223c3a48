# SPDX-License-Identifier: MIT
# What only people who work on cohort need: warnings as errors, the test framework, a compiler cache if there is one.
find_package(GTest REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
# Only once for a build folder: one that was begun without it would be compiled anew.
if(NOT DEFINED COHORT_CCACHE)
  find_program(COHORT_CCACHE ccache)
endif()
if(COHORT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The cache sees precompiled headers by their content.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${COHORT_CCACHE})
endif()

add_library(cohort_developer_flags INTERFACE)
target_compile_options(cohort_developer_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
  # gcc 12 sees overlapping copies in every "text" + std::string when it optimizes (its bug 105651).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)

# Two hundred programs are linked, each with all of the library's debug information: lld takes a quarter of the time.
find_program(COHORT_LLD ld.lld)
if(COHORT_LLD AND CMAKE_BUILD_TYPE STREQUAL Debug)
  add_link_options(-fuse-ld=lld)
endif()

include(cmake/precompiled.cmake)

# Every build looks whether the layers hold.
add_custom_target(check_layers ALL
  COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/check_layers ${PROJECT_SOURCE_DIR}
  COMMENT "Checking the layers"
  VERBATIM)
