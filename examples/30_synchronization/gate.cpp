// SPDX-License-Identifier: MIT
// Two workers get ready; the gate opens when main has heard of both. A semaphore counts what it hears.
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>

namespace {

void work(const std::string& name, cohort::Semaphore ready, const cohort::Event& gate) {
    std::cout << name << " is ready" << std::endl;
    ready.release();
    gate.wait();
    std::cout << name << " is running" << std::endl;
}

}  // namespace

int main() {
    cohort::Semaphore ready(0);
    cohort::Event gate;
    for (const char* name : {"Process_1", "Process_2"}) cohort::Process(work, name, ready, gate).start();
    ready.acquire();
    ready.acquire();
    gate.set();
}
