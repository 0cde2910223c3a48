// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace cohort::os {

/// A limit of the kernel on a resource; empty: none.
struct ResourceLimit {
    std::optional<std::uint64_t> soft{};  ///< what holds; a process may change it up to the hard one
    std::optional<std::uint64_t> hard{};  ///< a process may only lower it
};

/// @param resource RLIMIT_NOFILE, …
/// @throws std::system_error
ResourceLimit resource_limit(int resource);

/// Sets a limit of this process, which its children inherit.
void set_resource_limit(int resource, const ResourceLimit& limit);

/// Lets this process have as many descriptors as the hard limit allows.
void raise_descriptor_limit();

/// How many of `most` peers that are not known yet may have a descriptor each: a quarter of what this process may have.
std::size_t strangers_allowed(std::size_t most) noexcept;

/// How many bytes of memory the machine has.
std::size_t physical_memory() noexcept;

/// How many processors this process may run on.
unsigned affinity_cpus();

/// How many processors' time the control groups of this process (versions 1 and 2, with their parents) allow it;
/// empty: all.
std::optional<double> cpu_quota();

/// As cpu_quota(), from the texts of /proc/self/cgroup and /proc/self/mountinfo.
std::optional<double> cpu_quota(const std::string& groups, const std::string& mounts);

/// How many processors this process can keep busy: the lesser of affinity_cpus() and cpu_quota(), rounded up; at
/// least 1.
unsigned available_cpus();

}  // namespace cohort::os
