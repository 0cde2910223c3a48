# SPDX-License-Identifier: MIT
include(GoogleTest)
add_custom_target(tests_for_tsan)

# cohort_test(<name> SOURCES <files...> [LIBRARIES <targets...>] [LABELS <labels...>] [TIMEOUT <seconds>]
#             [RESOURCE_LOCK <name>])
# A test program: GoogleTest, cohort's own main (watchdog, leak check), private headers allowed. Labels that mean
# something: "long" (left out by `make test`), "once" (run by `make test` only: no sanitizer and no other order changes it,
# or it takes too long), "tsan" (also run with ThreadSanitizer: it forks from no thread), "no-asan", "no-hang" (the job of this name repeats
# it under load and with delayed starts). No two tests with the same lock run at a time.
function(cohort_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT;RESOURCE_LOCK" "SOURCES;LIBRARIES;LABELS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE cohort::cohort cohort_test_support cohort_developer_flags GTest::gtest ${arg_LIBRARIES})
  target_link_libraries(${name} PRIVATE cohort_precompiled)
  target_precompile_headers(${name} REUSE_FROM cohort_test_headers)
  if("tsan" IN_LIST arg_LABELS)
    add_dependencies(tests_for_tsan ${name})
  endif()
  set(lock)
  if(arg_RESOURCE_LOCK)
    set(lock RESOURCE_LOCK ${arg_RESOURCE_LOCK})
  endif()
  math(EXPR watchdog "${arg_TIMEOUT} - 10")  # before ctest ends it without a word
  gtest_discover_tests(${name}
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${arg_TIMEOUT} ENVIRONMENT COHORT_TEST_TIMEOUT=${watchdog} ${lock} LABELS "${arg_LABELS}")
endfunction()

# cohort_test_without_newer_calls(<name>): runs the whole test program again where the kernel refuses calls that older ones
# do not have: a fallback works, or the error names the call. Once more with pidfd_open allowed, without which no child is
# started. clone3 is only refused as an unknown call: glibc itself has a fallback for that, and none for EPERM.
function(cohort_test_without_newer_calls name)
  set(calls futex_waitv membarrier close_range)
  add_test(NAME ${name}.with_newer_calls_forbidden COMMAND deny_calls EPERM ${calls} pidfd_open -- $<TARGET_FILE:${name}>)
  add_test(NAME ${name}.on_an_older_kernel COMMAND deny_calls ENOSYS ${calls} clone3 pidfd_open -- $<TARGET_FILE:${name}>)
  add_test(NAME ${name}.on_a_kernel_with_pidfds COMMAND deny_calls ENOSYS ${calls} clone3 -- $<TARGET_FILE:${name}>)
  set_tests_properties(${name}.with_newer_calls_forbidden ${name}.on_an_older_kernel ${name}.on_a_kernel_with_pidfds
    PROPERTIES TIMEOUT 300)
endfunction()
