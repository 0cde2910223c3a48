// SPDX-License-Identifier: MIT
// What a program prints, as text; a program that fails is an exception here.

// [program]
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>
#include <system_error>

namespace subprocess = cohort::subprocess;

int main() {
    const std::string upper = subprocess::check_output({"tr", "a-z", "A-Z"}, {.input = "quiet words\n"});
    std::cout << upper;

    try {
        subprocess::run({"sh", "-c", "echo broken >&2; exit 2"}, {.capture_output = true, .check = true});
    } catch (const subprocess::CalledProcessError& error) {
        std::cout << "it said: " << error.err;
    }

    try {
        subprocess::run({"no-such-program"});
    } catch (const std::system_error& error) {
        std::cout << error.what() << '\n';
    }
}
// [/program]
