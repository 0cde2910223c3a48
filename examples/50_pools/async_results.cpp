// SPDX-License-Identifier: MIT
// apply_async() returns at once; get() waits for the result, in whatever order tasks end.
#include <cohort/cohort.hpp>

#include <cctype>
#include <chrono>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

std::string in_capitals(std::string word) {
    std::this_thread::sleep_for(100ms);
    for (char& each : word) each = static_cast<char>(std::toupper(static_cast<unsigned char>(each)));
    return word;
}

}  // namespace

int main() {
    cohort::Pool pool(3);
    std::vector<cohort::AsyncResult<std::string>> results;
    for (const char* word : {"apple", "banana", "cherry", "date", "elderberry"}) {
        results.push_back(pool.apply_async(in_capitals, word));
    }
    for (const auto& result : results) std::cout << result.get() << '\n';
}
