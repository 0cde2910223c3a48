// SPDX-License-Identifier: MIT
// A callback is called with each result, as soon as its task has ended; join() waits for callbacks too.
#include <cohort/cohort.hpp>

#include <iostream>

namespace {

int square(int n) {
    return n * n;
}

void print(int result) {
    std::cout << "..." << result << std::endl;
}

}  // namespace

int main() {
    cohort::Pool pool(3);
    for (const int i : cohort::range(7)) pool.apply_async(square, cohort::args(i), {.callback = print});
    pool.close();
    pool.join();
    std::cout << "~end" << std::endl;
}
