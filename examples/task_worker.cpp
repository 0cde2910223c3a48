// SPDX-License-Identifier: MIT
// Works on the tasks of task_master.
#include <cohort/cohort.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;

void run_worker(const cohort::Address& address, std::chrono::duration<double> pause) {
    // [worker]
    cohort::BaseManager manager({.address = address, .authkey = "abc"});
    manager.connect();
    const auto task = manager.call<cohort::QueueProxy<int>>("get_task_queue");
    const auto result = manager.call<cohort::QueueProxy<std::string>>("get_result_queue");
    for (int i = 0; i < 10; ++i) {
        try {
            const int n = task.get(1s);
            const std::string square = std::to_string(n) + " * " + std::to_string(n);
            std::cout << "run task " << square << std::endl;
            std::this_thread::sleep_for(pause);
            result.put(square + " = " + std::to_string(n * n));
        } catch (const cohort::Empty&) {
            std::cout << "task queue is empty" << std::endl;
        }
    }
    std::cout << "worker exit" << std::endl;
    // [/worker]
}

}  // namespace

// task_worker [HOST PORT [SECONDS]]: SECONDS for each task
int main(int argc, char** argv) {
    const std::string host = argc > 1 ? argv[1] : "127.0.0.1";
    const int port = argc > 2 ? std::atoi(argv[2]) : 5000;
    const double seconds = argc > 3 ? std::atof(argv[3]) : 1;
    run_worker(cohort::Address::tcp(host, static_cast<std::uint16_t>(port)), std::chrono::duration<double>(seconds));
}
