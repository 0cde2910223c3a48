// SPDX-License-Identifier: MIT
// An exception that nobody catches ends its process with exit code 1 and a report on stderr; the parent goes on.
#include <cohort/cohort.hpp>

#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>

namespace {

void read_number(const std::string& text) {
    const int number = std::stoi(text);
    std::cout << "child: " << number << '\n';
}

}  // namespace

int main() {
    cohort::Process child(read_number, "twelve");
    child.start();
    child.join();
    std::cout << child.name() << " ended with " << *child.exitcode() << std::endl;

    cohort::Process nothing_to_call(std::function<void()>{});
    nothing_to_call.start();
    nothing_to_call.join();
    std::cout << nothing_to_call.name() << " ended with " << *nothing_to_call.exitcode() << "\nfinish\n";
}
