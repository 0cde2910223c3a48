// SPDX-License-Identifier: MIT
// A receiver learns that there is no more when the other end is closed. The end that was moved into the child is closed
// here by itself.
#include <cohort/cohort.hpp>

#include <iostream>
#include <utility>

namespace {

void consume(const cohort::Connection& end) {
    try {
        for (;;) std::cout << end.recv<int>() << '\n';
    } catch (const cohort::EofError&) {
        std::cout << "no more\n";
    }
}

}  // namespace

int main() {
    auto [producer, consumer] = cohort::Pipe();
    cohort::Process child(consume, std::move(consumer));
    child.start();
    for (const int i : cohort::range(5)) producer.send(i);
    producer.close();
    child.join();
}
