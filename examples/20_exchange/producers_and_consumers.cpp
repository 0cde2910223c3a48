// SPDX-License-Identifier: MIT
// Three producers and two consumers share a queue. Python's way to end it: an empty item for each consumer.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace {

using Fruits = cohort::Queue<std::optional<std::string>>;

void produce(const Fruits& queue, const std::string& name, const std::string& fruit) {
    for (const int i : cohort::range(2)) {
        std::this_thread::sleep_for(20ms);
        const std::string item = fruit + '_' + std::to_string(i);
        queue.put(item);
        std::cout << name << " produce " << item << std::endl;
    }
}

void consume(const Fruits& queue, const std::string& name) {
    while (const auto item = queue.get()) {
        std::this_thread::sleep_for(10ms);
        std::cout << name << " consume " << *item << std::endl;
    }
}

}  // namespace

int main() {
    const Fruits queue;
    std::vector<cohort::Process> producers;
    producers.emplace_back(produce, queue, "producer_0", "apple").start();
    producers.emplace_back(produce, queue, "producer_1", "pear").start();
    producers.emplace_back(produce, queue, "producer_2", "peach").start();
    cohort::Process(consume, queue, "consumer_1").start();
    cohort::Process(consume, queue, "consumer_2").start();
    for (cohort::Process& producer : producers) producer.join();
    queue.put(std::nullopt);
    queue.put(std::nullopt);
}
