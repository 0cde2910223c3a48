// SPDX-License-Identifier: MIT
#include "support/memory.hpp"

#include <sys/mman.h>

#include <cstring>
#include <fstream>
#include <stdexcept>

namespace bench {

Ballast::Ballast(std::size_t bytes) : bytes_(bytes) {
    memory_ = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory_ == MAP_FAILED) throw std::runtime_error("no memory for the ballast");
    ::madvise(memory_, bytes, MADV_NOHUGEPAGE);
    std::memset(memory_, 1, bytes);
}

Ballast::~Ballast() {
    ::munmap(memory_, bytes_);
}

double memory_of(pid_t pid, const std::string& name) {
    std::ifstream rollup("/proc/" + std::to_string(pid) + "/smaps_rollup");
    for (std::string word; rollup >> word;)
        if (word == name + ":") {
            double kib = 0;
            rollup >> kib;
            return kib;
        }
    throw std::runtime_error("no " + name + " in smaps_rollup");
}

}  // namespace bench
