// SPDX-License-Identifier: MIT
// Two processes receive from one end of a pipe. A lock lets them print in the order of the items; without it each item
// would still go to one of them, whole.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

using namespace std::chrono_literals;

namespace {

void produce(const cohort::Connection& end) {
    for (const int i : cohort::range(4)) {
        std::cout << "producer produce apple_" + std::to_string(i) + '\n' << std::flush;
        end.send("apple" + std::to_string(i));
    }
}

void consume(const cohort::Connection& end, const std::string& name, cohort::Lock lock) {
    try {
        for (;;) {
            std::scoped_lock guard(lock);
            const auto item = end.recv<std::string>();
            std::this_thread::sleep_for(10ms);
            std::cout << name << " consume " << item << std::endl;
        }
    } catch (const cohort::EofError&) {
        std::cout << name << " leaves" << std::endl;
    }
}

}  // namespace

int main() {
    auto [producer, consumer] = cohort::Pipe();
    const cohort::Lock lock;
    cohort::Process first(consume, consumer, "c_1", lock);
    cohort::Process second(consume, std::move(consumer), "c_2", lock);
    cohort::Process third(produce, std::move(producer));
    for (cohort::Process* process : {&first, &second, &third}) process->start();
    for (cohort::Process* process : {&first, &second, &third}) process->join();
}
