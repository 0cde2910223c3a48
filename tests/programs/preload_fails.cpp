// SPDX-License-Identifier: MIT
// A preload that throws.
#include <cohort/process/current_process.hpp>

#include "programs/program.hpp"

#include <cstdio>
#include <stdexcept>

int main() {
    cohort::set_forkserver_preload([] { throw std::runtime_error("no such table"); });
    cohort::Process p({.start_method = cohort::StartMethod::forkserver}, [] {});
    try {
        p.start();
        p.join();
        std::printf("exit code %d\n", p.exitcode().value());
    } catch (const std::exception& error) {
        std::printf("error: %s\n", error.what());
    }
}
