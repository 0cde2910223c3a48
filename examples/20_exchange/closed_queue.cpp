// SPDX-License-Identifier: MIT
// The same without empty items: a queue that is closed ends the loops of all consumers, however many there are.

// [program]
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace {

using Fruits = cohort::Queue<std::string>;

void produce(const Fruits& queue, const std::string& name, const std::string& fruit) {
    for (const int i : cohort::range(2)) {
        const std::string item = fruit + '_' + std::to_string(i);
        queue.put(item);
        std::cout << name << " produce " << item << std::endl;
    }
}

void consume(const Fruits& queue, const std::string& name) {
    for (const std::string& item : queue) std::cout << name << " consume " << item << std::endl;
    std::cout << name << " is done" << std::endl;
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
    queue.close();
}
// [/program]
