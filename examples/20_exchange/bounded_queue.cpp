// SPDX-License-Identifier: MIT
// A queue that holds three items: putting a fourth, or taking from it when it is empty, waits, fails or gives up.
#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

int main() {
    const cohort::Queue<std::string> queue(3);
    for (const char* letter : {"a", "b", "c"}) queue.put(letter);
    std::cout << std::boolalpha << "full: " << queue.full() << ", size " << queue.qsize() << '\n';
    try {
        queue.put_nowait("d");  // put("d") would wait for room
    } catch (const cohort::Full&) {
        std::cout << "no room for d\n";
    }

    while (!queue.empty()) std::cout << queue.get() << '\n';
    try {
        queue.get(false);
    } catch (const cohort::Empty&) {
        std::cout << "nothing there\n";
    }
    try {
        queue.get(100ms);
    } catch (const cohort::Empty&) {
        std::cout << "nothing there for 100 ms\n";
    }
    std::cout << "nothing, without an exception: " << !queue.try_get() << '\n';

    queue.close();
    try {
        queue.put("e");
    } catch (const cohort::ValueError&) {
        std::cout << "the queue is closed\n";
    }
}
