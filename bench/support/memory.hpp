// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

namespace bench {

inline constexpr std::size_t kMiB = std::size_t{1} << 20;

/// So much touched memory of this process's own, in small pages, for as long as it lives.
class Ballast {
public:
    explicit Ballast(std::size_t bytes);
    ~Ballast();
    Ballast(const Ballast&) = delete;
    Ballast& operator=(const Ballast&) = delete;

private:
    std::size_t bytes_;
    void* memory_;
};

/// KiB that /proc/PID/smaps_rollup has under a name, for example "Private_Dirty".
/// @throws std::runtime_error  there is no such process or name
double memory_of(pid_t pid, const std::string& name);

}  // namespace bench
