// SPDX-License-Identifier: MIT
// Tasks that print into a buffer; main returns at once after the last one, with the pool alive.
#include <cohort/base/range.hpp>
#include <cohort/pool/pool.hpp>

#include "programs/program.hpp"

#include <cstdio>
#include <iostream>

int main(int, char** argv) {
    cohort::Pool pool({.processes = 2, .start_method = cohort::test::method_of(argv[1])});
    pool.map(
        [](int i) {
            std::printf("p%d\n", i);
            std::cout << "c" << i << '\n';
        },
        cohort::range(3));
    pool.apply([] {
        std::ios::sync_with_stdio(false);
        std::cout << "own buffer\n";
    });
}
