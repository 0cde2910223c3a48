// SPDX-License-Identifier: MIT
// Fifty processes buy fifty tickets. To look whether there is one, and to take it, is one step under the lock: each
// ticket is sold once.

// [program]
#include <cohort/cohort.hpp>

#include <iostream>
#include <mutex>
#include <vector>

namespace {

void buy(const cohort::Value<long>& count, cohort::Lock lock) {
    std::scoped_lock guard(lock);
    if (*count > 0) {
        std::cout << *cohort::current_process().pid() << " get ticket " << *count << std::endl;
        --*count;
    }
}

}  // namespace

int main() {
    const cohort::Value<long> count(50);
    const cohort::Lock lock;
    std::vector<cohort::Process> buyers;
    for (int i = 0; i != 50; ++i) buyers.emplace_back(buy, count, lock).start();
    for (cohort::Process& buyer : buyers) buyer.join();
    std::cout << "end..." << *count << '\n';
}
// [/program]
