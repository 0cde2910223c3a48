// SPDX-License-Identifier: MIT
// What the forkserver's preload prints without a newline is printed once, however many children there are.
#include <cohort/process/current_process.hpp>

#include "programs/program.hpp"

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {
std::vector<int> resource;
}

int main() {
    cohort::set_forkserver_preload([] {
        resource.assign(1000, 1);
        std::printf("preload ");
    });
    for (int i = 0; i < 2; ++i) {
        cohort::Process p({.start_method = cohort::StartMethod::forkserver},
                          [] { std::exit(resource.size() == 1000 ? 0 : 1); });
        p.start();
        p.join();
        if (p.exitcode() != 0) return 1;
    }
    std::puts("ok");
    return 0;
}
