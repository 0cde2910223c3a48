// SPDX-License-Identifier: MIT
// Producers wait until all that they have put is done. The consumers are daemonic and work for as long as there is a
// main.
#include <cohort/cohort.hpp>

#include <iostream>
#include <string>
#include <vector>

namespace {

using Fruits = cohort::JoinableQueue<std::string>;

void produce(const Fruits& queue, const std::string& name, const std::string& fruit) {
    for (const int i : cohort::range(2)) {
        const std::string item = fruit + '_' + std::to_string(i);
        queue.put(item);
        std::cout << name << " produce " << item << std::endl;
    }
    queue.join();
}

void consume(const Fruits& queue, const std::string& name) {
    for (;;) {
        const std::string item = queue.get();
        std::cout << name << " consume " << item << std::endl;
        queue.task_done();
    }
}

}  // namespace

int main() {
    const Fruits queue;
    std::vector<cohort::Process> producers;
    producers.emplace_back(produce, queue, "producer_0", "apple");
    producers.emplace_back(produce, queue, "producer_1", "pear");
    producers.emplace_back(produce, queue, "producer_2", "peach");
    for (const char* name : {"consumer_1", "consumer_2"})
        cohort::Process({.daemon = true}, consume, queue, name).start();
    for (cohort::Process& producer : producers) producer.start();
    for (cohort::Process& producer : producers) producer.join();
    std::cout << "end...\n";
}
