// SPDX-License-Identifier: MIT
// A consumer waits until a producer notifies it. A notification that finds nobody is lost; what the consumer waits for
// is therefore a value in shared memory, and either may come first.
#include <cohort/cohort.hpp>

#include <iostream>
#include <mutex>

namespace {

void consume(cohort::Condition condition, const cohort::RawValue<bool>& is_there) {
    std::scoped_lock guard(condition);
    std::cout << "Consumer is waiting" << std::endl;
    condition.wait_for([&] { return *is_there; });
    std::cout << "Consumer is consuming the product" << std::endl;
}

void produce(cohort::Condition condition, const cohort::RawValue<bool>& is_there) {
    std::scoped_lock guard(condition);
    std::cout << "Producer is producing the product" << std::endl;
    *is_there = true;
    condition.notify();
}

}  // namespace

int main() {
    const cohort::Condition condition;
    const cohort::RawValue<bool> is_there(false);
    cohort::Process consumer(consume, condition, is_there);
    cohort::Process producer(produce, condition, is_there);
    consumer.start();
    producer.start();
    consumer.join();
    producer.join();
}
