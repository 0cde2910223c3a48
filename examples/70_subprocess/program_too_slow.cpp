// SPDX-License-Identifier: MIT
// A program that takes too long is ended; what it has printed until then is there.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>

namespace subprocess = cohort::subprocess;
using namespace std::chrono_literals;

int main() {
    try {
        subprocess::run({"sh", "-c", "echo so far; exec sleep 60"}, {.capture_output = true, .timeout = 2s});
    } catch (const subprocess::TimeoutExpired& error) {
        std::cout << error.out;
    }

    subprocess::Popen sleep({"sleep", "60"});
    sleep.terminate();
    std::cout << "Exit code: " << sleep.wait() << '\n';  // ended by signal 15
}
