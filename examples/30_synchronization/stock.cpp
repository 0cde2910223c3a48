// SPDX-License-Identifier: MIT
// Five consumers wait for stock. Each looks again when it is woken: another may have been quicker. At the end they are
// told that nothing more will come.
#include <cohort/cohort.hpp>

#include <iostream>
#include <mutex>
#include <vector>

namespace {

struct Shop {
    int stock = 0;
    int sold = 0;
    bool closed = false;
};

void consume(int i, cohort::Condition condition, const cohort::RawValue<Shop>& shop) {
    std::scoped_lock guard(condition);
    for (;;) {
        condition.wait_for([&] { return shop->stock > 0 || shop->closed; });
        if (shop->stock == 0) return;
        --shop->stock;
        std::cout << "consumer " << i << " takes item " << ++shop->sold << std::endl;
    }
}

void produce(cohort::Condition condition, const cohort::RawValue<Shop>& shop) {
    for (int delivery = 0; delivery != 5; ++delivery) {
        std::scoped_lock guard(condition);
        shop->stock += 2;
        std::cout << "producer brings 2 items" << std::endl;
        condition.notify_all();
    }
    std::scoped_lock guard(condition);
    shop->closed = true;
    condition.notify_all();
}

}  // namespace

int main() {
    const cohort::Condition condition;
    const cohort::RawValue<Shop> shop;
    std::vector<cohort::Process> processes;
    for (const int i : cohort::range(5)) processes.emplace_back(consume, i, condition, shop).start();
    processes.emplace_back(produce, condition, shop).start();
    for (cohort::Process& process : processes) process.join();
    std::cout << shop->sold << " sold, " << shop->stock << " left\n";
}
