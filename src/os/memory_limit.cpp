// SPDX-License-Identifier: MIT
#include "os/memory_limit.hpp"

#include "os/file.hpp"
#include "os/limits.hpp"
#include "os/mapping.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <system_error>

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

// "size resident shared …", in pages.
std::size_t private_memory(pid_t pid) {
    try {
        std::istringstream fields(read_file(("/proc/" + std::to_string(pid) + "/statm").c_str()));
        std::size_t size = 0, resident = 0, shared = 0;
        fields >> size >> resident >> shared;
        return (resident - std::min(shared, resident)) * page_size();
    } catch (const std::system_error&) {
        return 0;
    }
}

}  // namespace cohort::os
