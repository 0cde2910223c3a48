// SPDX-License-Identifier: MIT
// Gives processes names, and prints what they are: their pids, states, and whether they are daemonic.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <thread>

using namespace std::chrono_literals;

namespace {

void fun1() {
    std::cout << "fun1 finish" << std::endl;
}

void fun2() {
    std::this_thread::sleep_for(1min);
    std::cout << "fun2 finish" << std::endl;  // never: it is cut off when the program ends
}

}  // namespace

int main() {
    cohort::Process first({.name = "fun1 process"}, fun1);
    cohort::Process second({.name = "fun2 process"}, fun2);
    first.set_daemon(true);
    second.set_daemon(true);
    first.start();
    second.start();
    first.join();
    std::cout << first << '\n' << second << '\n';
    std::cout << std::boolalpha << first.is_alive() << ' ' << second.is_alive() << "\nfinish\n";
}
