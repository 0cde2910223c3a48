// SPDX-License-Identifier: MIT
// A segment of memory with a name: whoever knows the name opens it, programs of Python, too. Its maker takes the name
// away.

// [program]
#include <cohort/cohort.hpp>

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <string>
#include <system_error>

namespace {

void fill(const std::string& name) {
    const cohort::SharedMemory memory({.name = name});
    std::ranges::fill(memory.buf(), std::byte{7});
}

}  // namespace

int main() {
    cohort::SharedMemory memory({.create = true, .size = 1'000'000});
    cohort::Process child(fill, memory.name());
    child.start();
    child.join();
    std::cout << std::ranges::count(memory.buf(), std::byte{7}) << " bytes were written\n";

    memory.unlink();
    try {
        cohort::SharedMemory again({.name = memory.name()});
    } catch (const std::system_error&) {
        std::cout << "the name is gone\n";
    }
}
// [/program]
