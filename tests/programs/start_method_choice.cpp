// SPDX-License-Identifier: MIT
// Which start method a program has that chooses none, and when the choice is made.
#include <cohort/base/errors.hpp>

#include "programs/program.hpp"

using cohort::test::say;

int main() {
    say(to_string(cohort::get_start_method()));
    try {
        cohort::set_start_method(cohort::StartMethod::spawn);
        say("not fixed");
    } catch (const cohort::ValueError& error) {
        say(error.what());
    }
    cohort::set_start_method(cohort::StartMethod::spawn, true);
    say(to_string(cohort::get_start_method()));
}
