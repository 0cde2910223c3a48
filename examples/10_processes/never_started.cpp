// SPDX-License-Identifier: MIT
// A process that is made and never started does nothing: three of these four take a walk.
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace {

void walk() {
    const std::string name = cohort::current_process().name();
    std::cout << name + " walks\n" + name + " is back\n";
}

}  // namespace

int main() {
    std::vector<cohort::Process> walkers;
    for (const char* name : {"Egon", "Alex", "Wupeiqi", "Yuanhao"}) {
        walkers.emplace_back(cohort::ProcessOptions{.name = name}, walk);
        if (walkers.size() != 4) walkers.back().start();
    }
    std::cout << "main thread" << std::endl;
    std::cout << walkers.back() << std::endl;
}
