// SPDX-License-Identifier: MIT
// What the README shows of processes and pools.
#include <cohort/cohort.hpp>

#include <cstdlib>
#include <iostream>
#include <stdexcept>

namespace {

// NOLINTBEGIN(concurrency-mt-unsafe): the child has one thread
void processes() {
    // [process]
    int factor = 3;
    cohort::Process child([factor](int n) { std::exit(factor * n); }, 4);
    child.start();
    child.join();
    std::cout << child.name() << " ended with " << *child.exitcode() << '\n';
    // [/process]
}
// NOLINTEND(concurrency-mt-unsafe)

// [errors]
int divide(int a, int b) {
    if (b == 0) throw std::invalid_argument("division by zero");
    return a / b;
}

void errors() {
    cohort::Pool pool(2);
    try {
        pool.apply(divide, 1, 0);
    } catch (const std::invalid_argument& error) {  // the type that was thrown there
        std::cout << error.what() << '\n';
    }
}
// [/errors]

// [death]
int fragile(int n) {
    if (n == 3) std::abort();
    return n;
}

void deaths() {
    cohort::Pool pool(2);
    try {
        pool.map(fragile, cohort::range(8));
    } catch (const cohort::WorkerLostError& error) {  // names the one task that was lost
        std::cout << error.what() << '\n';
    }
    std::cout << pool.apply(divide, 6, 3) << '\n';  // a new worker has taken the place
}
// [/death]

}  // namespace

int main() {
    processes();
    errors();
    deaths();
}
