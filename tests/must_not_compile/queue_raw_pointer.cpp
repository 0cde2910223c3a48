// SPDX-License-Identifier: MIT
// A pointer means nothing to whoever gets it from a queue.
// expect: cohort: a raw pointer cannot be sent: send the value itself, text as std::string, a std::unique_ptr or a
// std::shared_ptr
#include <cohort/channel/queue.hpp>

void put(const cohort::Queue<int>& numbers, const cohort::Queue<int*>& pointers, int* number) {
#ifdef CURED
    numbers.put(*number);
#else
    pointers.put(number);
#endif
}
