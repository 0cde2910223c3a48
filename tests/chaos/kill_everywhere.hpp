// SPDX-License-Identifier: MIT
#pragma once

#include "chaos/stepped_child.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cohort::test {

/// Where a child was when it was killed.
struct KillPoint {
    std::size_t number = 0;  ///< of the point among the points of its operation
    bool last = false;       ///< nothing that the others can see would have changed any more
};

/// One operation, run again and again in a fresh world and killed at another point each time.
class KillTrial {
public:
    virtual ~KillTrial() = default;
    /// In the child, at full speed, before the operation.
    virtual void prepare() {}
    /// In the child, an instruction at a time.
    virtual void operate() = 0;
    /// The shared memory in which a change makes a new point.
    virtual std::span<const std::byte> watched() const = 0;
    /// More of it.
    virtual std::span<const std::byte> also_watched() const { return {}; }
    /// Whether a sleep of the operation ends by itself, for whom it waits for is neither the child nor the parent.
    virtual bool is_answered() const { return false; }
    /// In the parent, while the child stands still at the point: what others can do all the same.
    virtual void check_stopped() {}
    /// In the parent, after the child's death: the survivors do their work, and everything must add up.
    virtual void check(const KillPoint& point) = 0;
};

/// Runs the operation once to find the points where shared memory or the kernel's state changes (before and after each
/// system call), then once for each of them, kills the child there and lets the trial check what is left.
/// @param sample  about so many points are tried, with the first and the last; all of them with COHORT_KILL_POINTS=all
///                or COHORT_TEST_COUNTS=full in the environment
/// @return at how many points it was killed
std::size_t kill_everywhere(const std::function<std::unique_ptr<KillTrial>()>& make, std::size_t sample = 6);

/// The same for trials of a type, and prints how many points there were.
template <class Trial>
void kill_everywhere_in(const char* name, std::size_t sample = 6) {
    const std::size_t points = kill_everywhere([] { return std::make_unique<Trial>(); }, sample);
    std::cout << name << ": " << points << " kill points\n";
}

/// The points of an operation, in instructions.
std::vector<std::uint64_t> find_kill_points(KillTrial& trial);

}  // namespace cohort::test
