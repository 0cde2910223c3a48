// SPDX-License-Identifier: MIT
// A number and an array in memory that processes share: what the child changes, the parent sees.
#include <cohort/cohort.hpp>

#include <iostream>
#include <mutex>

namespace {

void change(const cohort::Value<int>& number, const cohort::Array<int>& numbers) {
    number.set_value(12);
    std::scoped_lock guard(numbers);
    for (int& n : numbers) n *= n;
}

}  // namespace

int main() {
    const cohort::Value<int> number(0);
    const cohort::Array<int> numbers({1, 2, 3, 4, 5});
    cohort::Process child(change, number, numbers);
    child.start();
    child.join();
    std::cout << number.value() << '\n';
    for (const int n : numbers) std::cout << n << ' ';
    std::cout << '\n';
}
