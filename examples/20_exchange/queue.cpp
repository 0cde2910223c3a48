// SPDX-License-Identifier: MIT
// One process puts a list into a queue, another takes it out.
#include <cohort/cohort.hpp>

#include <iostream>
#include <vector>

namespace {

void produce(const cohort::Queue<std::vector<int>>& queue) {
    queue.put({1, 2, 3, 4});
}

}  // namespace

int main() {
    const cohort::Queue<std::vector<int>> queue;
    cohort::Process child(produce, queue);
    child.start();
    for (const int n : queue.get()) std::cout << n << ' ';
    std::cout << '\n';
    child.join();
}
