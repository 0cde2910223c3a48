// SPDX-License-Identifier: MIT
// Callbacks run in the main process; of a task that returns nothing, without arguments.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <thread>

namespace {

using namespace std::chrono_literals;

void work(int) {
    std::this_thread::sleep_for(100ms);
    std::cout << "in process " << *cohort::current_process().pid() << std::endl;
}

void done() {
    std::cout << "-->exec done: " << *cohort::current_process().pid() << std::endl;
}

}  // namespace

int main() {
    cohort::Pool pool(2);
    std::cout << "Main process " << *cohort::current_process().pid() << std::endl;
    for (const int i : cohort::range(3)) pool.apply_async(work, cohort::args(i), {.callback = done});
    pool.close();
    pool.join();
    std::cout << "end" << std::endl;
}
