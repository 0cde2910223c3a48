// SPDX-License-Identifier: MIT
// A process that has put an item into a queue may end at once, before anybody takes it: joining first is safe.
#include <cohort/cohort.hpp>

#include <cstddef>
#include <iostream>
#include <string>

namespace {

constexpr std::size_t kTenMegabytes = 10'000'000;

void produce(const cohort::Queue<std::string>& queue) {
    queue.put(std::string(kTenMegabytes, 'x'));
}

}  // namespace

int main() {
    const cohort::Queue<std::string> queue;
    cohort::Process child(produce, queue);
    child.start();
    child.join();
    std::cout << "the child has ended with " << *child.exitcode() << '\n';
    std::cout << "its item has " << queue.get().size() << " bytes\n";
}
