// SPDX-License-Identifier: MIT
// A process before its start, while it runs, and after its end. join() with a time gives up when the time is over.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>

using namespace std::chrono_literals;

namespace {

void show(const cohort::Process& process) {
    std::cout << (process.pid() ? "has a pid, " : "no pid, ");
    std::cout << (process.is_alive() ? "alive, " : "not alive, ");
    if (const auto code = process.exitcode())
        std::cout << "exit code " << *code << '\n';
    else
        std::cout << "no exit code\n";
}

}  // namespace

int main() {
    cohort::Event stop;
    cohort::Process child([](const cohort::Event& asked_to_stop) { asked_to_stop.wait(); }, stop);
    show(child);
    child.start();
    show(child);
    std::cout << "has ended within 50 ms: " << std::boolalpha << child.join(50ms) << '\n';
    stop.set();
    std::cout << "has ended: " << child.join() << '\n';
    show(child);
}
