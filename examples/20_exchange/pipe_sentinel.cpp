// SPDX-License-Identifier: MIT
// The other way to end: an empty item. Then each item is sent as an optional, since recv() names the type that was
// sent.
#include <cohort/cohort.hpp>

#include <iostream>
#include <optional>
#include <utility>

namespace {

void consume(const cohort::Connection& end) {
    while (const auto item = end.recv<std::optional<int>>()) std::cout << *item << '\n';
}

}  // namespace

int main() {
    auto [producer, consumer] = cohort::Pipe();
    cohort::Process child(consume, std::move(consumer));
    child.start();
    for (const int i : cohort::range(5)) producer.send<std::optional<int>>(i);
    producer.send<std::optional<int>>(std::nullopt);
}
