// SPDX-License-Identifier: MIT
// Hands out tasks over the network, and collects what task_worker, here or elsewhere, makes of them.
#include <cohort/cohort.hpp>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

namespace {

void run_master(const cohort::Address& address) {
    // [master]
    cohort::Queue<int> tasks;
    cohort::Queue<std::string> results;
    cohort::BaseManager manager({.address = address, .authkey = "abc"});
    manager.register_type("get_task_queue", [tasks] { return tasks; });
    manager.register_type("get_result_queue", [results] { return results; });
    manager.start();

    const auto task = manager.call<cohort::QueueProxy<int>>("get_task_queue");
    const auto result = manager.call<cohort::QueueProxy<std::string>>("get_result_queue");
    std::mt19937 random(std::random_device{}());
    for (int i = 0; i < 10; ++i) {
        const int n = std::uniform_int_distribution(0, 1000)(random);
        std::cout << "Put Task " << n << std::endl;
        task.put(n);
    }
    std::cout << "Try get results" << std::endl;
    for (int i = 0; i < 10; ++i) std::cout << "Result: " << result.get() << std::endl;
    manager.shutdown();
    std::cout << "master exit" << std::endl;
    // [/master]
}

}  // namespace

// task_master [HOST PORT]
int main(int argc, char** argv) {
    const std::string host = argc > 1 ? argv[1] : "127.0.0.1";
    const int port = argc > 2 ? std::atoi(argv[2]) : 5000;
    run_master(cohort::Address::tcp(host, static_cast<std::uint16_t>(port)));
}
