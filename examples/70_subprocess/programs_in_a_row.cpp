// SPDX-License-Identifier: MIT
// What one program prints is what the next one reads, as with | in a shell.
#include <cohort/cohort.hpp>

#include <iostream>

namespace subprocess = cohort::subprocess;

int main() {
    const auto words =
        subprocess::pipeline({{"printf", "b\\na\\nb\\n"}, {"sort"}, {"uniq", "-c"}}, {.out = subprocess::PIPE});
    std::cout << words.out();
}
