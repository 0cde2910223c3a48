// SPDX-License-Identifier: MIT
// Four processes take random times. A forked child has a copy of its parent's generator, so each seeds one of its own.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

void piao(const std::string& name) {
    std::mt19937 random(std::random_device{}());
    std::cout << name << " piaoing" << std::endl;
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution(20, 80)(random)));
    std::cout << name << " piao end" << std::endl;
}

}  // namespace

int main() {
    std::vector<cohort::Process> users;
    for (const int i : cohort::range(1, 5)) users.emplace_back(piao, "User" + std::to_string(i)).start();
    std::cout << "main thread" << std::endl;
}
