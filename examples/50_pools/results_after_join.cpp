// SPDX-License-Identifier: MIT
// Results are kept: they can be asked for when the pool has done everything and has ended.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

int square(int i) {
    std::cout << "worker_" << i << " running, pid: " << *cohort::current_process().pid() << std::endl;
    std::this_thread::sleep_for(50ms);
    return i * i;
}

}  // namespace

int main() {
    cohort::Pool pool(3);
    std::vector<cohort::AsyncResult<int>> results;
    for (const int i : cohort::range(7)) results.push_back(pool.apply_async(square, i));
    pool.close();
    pool.join();
    for (const auto& result : results) std::cout << result.get() << '\n';
    std::cout << "...end" << std::endl;
}
