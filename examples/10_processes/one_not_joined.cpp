// SPDX-License-Identifier: MIT
// Joins one of two processes: the other is not cut off, the program ends when it has finished, too.
#include <cohort/cohort.hpp>

#include <iostream>

namespace {

void fun1() {
    std::cout << "fun1 finish\n";
}

void fun2(const cohort::Event& main_has_finished) {
    main_has_finished.wait();
    std::cout << "fun2 finish\n";
}

}  // namespace

int main() {
    cohort::Event main_has_finished;
    cohort::Process first(fun1);
    cohort::Process second(fun2, main_has_finished);
    first.start();
    second.start();
    first.join();
    std::cout << "finish" << std::endl;
    main_has_finished.set();
}
