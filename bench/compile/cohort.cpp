// SPDX-License-Identifier: MIT
// What is measured: the whole of cohort, a process and a map over a pool.
#include <cohort/cohort.hpp>

#include <vector>

int square(int i) {
    return i * i;
}
void work(int) {}

int main() {
    cohort::Process process(work, 3);
    process.start();
    process.join();
    cohort::Pool pool(2);
    const std::vector<int> squares = pool.map(square, std::vector<int>{1, 2, 3});
    return squares.back() == 9 ? 0 : 1;
}
