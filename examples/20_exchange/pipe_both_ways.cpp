// SPDX-License-Identifier: MIT
// A pipe has two ends, and each sends and receives: a question goes one way, the answer the other.
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>
#include <utility>

namespace {

void answer(const cohort::Connection& end) {
    const int n = end.recv<int>();
    end.send(std::to_string(n) + " squared is " + std::to_string(n * n));
}

}  // namespace

int main() {
    auto [ours, theirs] = cohort::Pipe();
    cohort::Process child(answer, std::move(theirs));
    child.start();
    ours.send(12);
    std::cout << ours.recv<std::string>() << '\n';
    child.join();
}
