// SPDX-License-Identifier: MIT
#include "os/memory_limit.hpp"

#include "os/file.hpp"
#include "os/limits.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace cohort::os {

namespace {

// What RLIMIT_DATA counts: "VmData:     1234 kB".
std::uint64_t private_bytes() {
    const std::string status = read_file("/proc/self/status");
    const std::size_t line = status.find("VmData:");
    if (line == std::string::npos) return 0;
    return std::strtoull(status.c_str() + line + std::string_view("VmData:").size(), nullptr, 10) * 1024;
}

}  // namespace

void limit_memory_growth(std::size_t bytes) {
    ResourceLimit limit = resource_limit(RLIMIT_DATA);
    const std::uint64_t wanted = private_bytes() + bytes;
    limit.soft = limit.soft ? std::min(*limit.soft, wanted) : wanted;
    set_resource_limit(RLIMIT_DATA, limit);
}

}  // namespace cohort::os
