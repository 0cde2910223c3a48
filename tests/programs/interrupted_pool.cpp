// SPDX-License-Identifier: MIT
// A pool at work, to be ended by Ctrl-C.
#include <cohort/base/range.hpp>
#include <cohort/pool/pool.hpp>

#include "programs/program.hpp"

int main(int, char** argv) {
    cohort::Pool pool({.processes = 2, .start_method = cohort::test::method_of(argv[1])});
    auto work = [](int) {
        cohort::test::say("ready");
        for (;;) ::pause();
    };
    pool.map(work, cohort::range(100), {.chunksize = 1});
}
