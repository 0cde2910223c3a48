// SPDX-License-Identifier: MIT
// Tasks that wait for something else than a processor: the same calls on threads, which share all memory.
#include <cohort/cohort.hpp>

#include <atomic>
#include <chrono>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

std::size_t download(const std::string& address) {
    std::this_thread::sleep_for(100ms);
    return address.size();
}

}  // namespace

int main() {
    const std::vector<std::string> addresses(50, "https://example.org");
    std::atomic<int> done = 0;
    cohort::ThreadPool pool(25);
    const auto sizes = pool.map(
        [&done](const std::string& address) {
            ++done;
            return download(address);
        },
        addresses);
    std::cout << done << " downloads, " << sizes.front() << " bytes each\n";
}
