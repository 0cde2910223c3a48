// SPDX-License-Identifier: MIT
// The smallest program with a pool; examples/hello.py is the same in Python.
// [hello]
#include <cohort/cohort.hpp>
#include <iostream>

int main() {
    cohort::Pool pool(4);
    for (int n : pool.map([](int i) { return i * i; }, cohort::range(5))) std::cout << n << ' ';
}
// [/hello]
