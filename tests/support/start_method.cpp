// SPDX-License-Identifier: MIT
// Linked to a program, it sets the start method that COHORT_TEST_START_METHOD in the environment names.
#include <cohort/cohort.hpp>

#include <cstdlib>

namespace {

[[maybe_unused]] const bool is_set = [] {
    const char* name = std::getenv("COHORT_TEST_START_METHOD");
    for (const cohort::StartMethod method : cohort::get_all_start_methods())
        if (name && name == to_string(method)) cohort::set_start_method(method);
    return true;
}();

}  // namespace
