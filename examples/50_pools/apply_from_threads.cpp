// SPDX-License-Identifier: MIT
// apply() waits, but several threads may call it at once: their tasks run at the same time.
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>
#include <thread>

namespace {

std::string meet(cohort::Barrier& both_are_here, const std::string& name) {
    both_are_here.wait();  // would wait for ever if the tasks ran one after the other
    return name + " has met the other";
}

}  // namespace

int main() {
    cohort::Barrier both_are_here(2);
    cohort::Pool pool(2);
    std::string first;
    std::string second;
    std::thread thread([&] { first = pool.apply(meet, both_are_here, "the first"); });
    second = pool.apply(meet, both_are_here, "the second");
    thread.join();
    std::cout << first << '\n' << second << '\n';
}
