// SPDX-License-Identifier: MIT
// A list of different things in shared memory, laid out as Python's: its length is fixed, its items can be replaced.
#include <cohort/cohort.hpp>

#include <cstdint>
#include <iostream>

namespace {

void change(const cohort::ShareableList& list) {
    list[0] = list[0].as<std::int64_t>() + 1;
    list[2] = "TEXT";
    list[-1] = 3;
}

}  // namespace

int main() {
    cohort::ShareableList list({1, 2.5, "text", true, cohort::none});
    cohort::Process child(change, list);
    child.start();
    child.join();
    for (const cohort::ShareableItem& item : list) std::cout << item << '\n';
    list.shm().unlink();
}
