// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/pool/pool_stats.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

namespace cohort::pool {

/// The items of a pool that took longest, the slowest first.
///
/// Thread safety: none.
class Slowest {
public:
    static constexpr std::size_t kMost = 5;

    /// Whether an item of this time is one of them.
    bool takes(std::chrono::milliseconds time) const noexcept { return time >= least_; }
    void add(SlowTask task) {
        const auto slower = [&](const SlowTask& other) { return other.time >= task.time; };
        tasks_.insert(std::partition_point(tasks_.begin(), tasks_.end(), slower), std::move(task));
        if (tasks_.size() > kMost) tasks_.pop_back();
        if (tasks_.size() == kMost) least_ = tasks_.back().time + std::chrono::milliseconds(1);
    }
    const std::vector<SlowTask>& tasks() const noexcept { return tasks_; }

private:
    std::vector<SlowTask> tasks_;
    std::chrono::milliseconds least_{1};
};

}  // namespace cohort::pool
