// SPDX-License-Identifier: MIT
#include "os/limits.hpp"

#include "os/file.hpp"
#include "os/system_call.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <sstream>
#include <system_error>
#include <vector>

namespace cohort::os {

namespace {

std::optional<std::uint64_t> from_kernel(rlim_t value) noexcept {
    return value == RLIM_INFINITY ? std::nullopt : std::optional<std::uint64_t>(value);
}

rlim_t to_kernel(std::optional<std::uint64_t> value) noexcept {
    return value ? *value : RLIM_INFINITY;
}

std::string text_or_nothing(const std::string& path) {
    try {
        return read_file(path.c_str());
    } catch (const std::system_error&) {
        return {};  // the file of a control group that is not mounted, or does not limit this
    }
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
    return parts;
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// Where a hierarchy of control groups is mounted, and which group is its root there.
struct GroupMount {
    std::string root{};
    std::string folder{};
};

/// A line of mountinfo: `36 35 0:31 /root /folder options... - type source superoptions`.
std::optional<GroupMount> read_mount(const std::string& line, bool version2) {
    std::vector<std::string> words = split(line, ' ');
    auto dash = std::find(words.begin(), words.end(), "-");
    if (words.size() < 5 || words.end() - dash < 4) return std::nullopt;
    bool right = version2 ? dash[1] == "cgroup2" : dash[1] == "cgroup" && contains(split(dash[3], ','), "cpu");
    if (!right) return std::nullopt;
    return GroupMount{words[3], words[4]};
}

std::optional<GroupMount> find_mount(const std::string& mounts, bool version2) {
    for (const std::string& line : split(mounts, '\n'))
        if (auto mount = read_mount(line, version2)) return mount;
    return std::nullopt;
}

std::optional<double> ratio(const std::string& quota, const std::string& period) {
    try {
        double allowed = std::stod(quota) / std::stod(period);
        if (allowed > 0 && std::isfinite(allowed)) return allowed;
    } catch (const std::logic_error&) {  // `max`, `-1` or no file
    }
    return std::nullopt;
}

std::optional<double> quota_of_group(const std::string& folder, bool version2) {
    if (!version2)
        return ratio(text_or_nothing(folder + "/cpu.cfs_quota_us"), text_or_nothing(folder + "/cpu.cfs_period_us"));
    std::vector<std::string> words = split(text_or_nothing(folder + "/cpu.max"), ' ');
    return words.size() < 2 ? std::nullopt : ratio(words[0], words[1]);
}

void lower(std::optional<double>& to, std::optional<double> other) {
    if (other) to = to ? std::min(*to, *other) : *other;
}

/// The least quota of a group and of those above it.
std::optional<double> quota_of_path(const GroupMount& mount, std::string group, bool version2) {
    if (mount.root != "/" && group.rfind(mount.root, 0) == 0) group.erase(0, mount.root.size());
    std::optional<double> least;
    for (;;) {
        lower(least, quota_of_group(mount.folder + group, version2));
        if (group.empty()) return least;
        std::size_t slash = group.rfind('/');
        group.erase(slash == std::string::npos ? 0 : slash);
    }
}

}  // namespace

ResourceLimit resource_limit(int resource) {
    rlimit limit{};
    checked("getrlimit", std::to_string(resource),
            [&] { return ::getrlimit(static_cast<__rlimit_resource_t>(resource), &limit); });
    return {from_kernel(limit.rlim_cur), from_kernel(limit.rlim_max)};
}

void set_resource_limit(int resource, const ResourceLimit& limit) {
    rlimit values{to_kernel(limit.soft), to_kernel(limit.hard)};
    checked("setrlimit", std::to_string(resource),
            [&] { return ::setrlimit(static_cast<__rlimit_resource_t>(resource), &values); });
}

void raise_descriptor_limit() {
    ResourceLimit limit = resource_limit(RLIMIT_NOFILE);
    limit.soft = limit.hard;
    set_resource_limit(RLIMIT_NOFILE, limit);
}

std::size_t strangers_allowed(std::size_t most) noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return most;
    return std::clamp<std::size_t>(limit.rlim_cur / 4, 1, std::max<std::size_t>(most, 1));
}

std::size_t physical_memory() noexcept {
    return static_cast<std::size_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

unsigned affinity_cpus() {
    constexpr int most = 1 << 16;  // more than any kernel is built for
    for (int cpus = 1024; cpus <= most; cpus *= 2) {
        std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> set(CPU_ALLOC(static_cast<std::size_t>(cpus)),
                                                             [](cpu_set_t* old) { CPU_FREE(old); });
        std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(cpus));
        if (system_call("sched_getaffinity", [&] { return ::sched_getaffinity(0, bytes, set.get()); }) == 0)
            return static_cast<unsigned>(CPU_COUNT_S(bytes, set.get()));
        if (errno != EINVAL) throw_error(errno, "sched_getaffinity");  // EINVAL: the set is too small
    }
    throw_error(EINVAL, "sched_getaffinity");
}

std::optional<double> cpu_quota(const std::string& groups, const std::string& mounts) {
    std::optional<double> least;
    for (const std::string& line : split(groups, '\n')) {  // `4:cpu,cpuacct:/group`, or `0::/group` in version 2
        std::size_t first = line.find(':');
        std::size_t second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        std::string controllers = line.substr(first + 1, second - first - 1);
        bool version2 = controllers.empty();
        if (!version2 && !contains(split(controllers, ','), "cpu")) continue;
        if (auto mount = find_mount(mounts, version2))
            lower(least, quota_of_path(*mount, line.substr(second + 1), version2));
    }
    return least;
}

std::optional<double> cpu_quota() {
    return cpu_quota(text_or_nothing("/proc/self/cgroup"), text_or_nothing("/proc/self/mountinfo"));
}

unsigned available_cpus() {
    unsigned cpus = affinity_cpus();
    if (auto quota = cpu_quota(); quota && *quota < cpus) cpus = static_cast<unsigned>(std::ceil(*quota));
    return std::max(cpus, 1U);
}

}  // namespace cohort::os
