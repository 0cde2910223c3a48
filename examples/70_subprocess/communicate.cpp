// SPDX-License-Identifier: MIT
// A program is given its input, and all that it prints is collected.
#include <cohort/cohort.hpp>

#include <iostream>

using cohort::subprocess::PIPE;

int main() {
    cohort::subprocess::Popen sort({"sort", "--numeric-sort"}, {.in = PIPE, .out = PIPE, .err = PIPE});
    const auto [output, errors] = sort.communicate("10\n9\n100\n");
    std::cout << output << errors << "Exit code: " << *sort.returncode() << '\n';
}
