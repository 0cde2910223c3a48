// SPDX-License-Identifier: MIT
#include "chaos/kill_everywhere.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace cohort::test {

namespace {

SteppedChild start(KillTrial& trial) {
    return SteppedChild([&] { trial.prepare(); }, [&] { trial.operate(); });
}

// An operation that sleeps ends there: the others have to wake it, and it is killed in its sleep.
// Gives false if the operation ended before: it read the clock, which takes some instructions more whenever the kernel
// sets it meanwhile.
bool walk(SteppedChild& child, std::uint64_t steps) {
    for (std::uint64_t done = 0; done != steps; ++done)
        if (!child.step()) return false;
    return true;
}

// Kills the operation in a fresh world after so many instructions; another world for each try.
std::unique_ptr<KillTrial> killed_at(const std::function<std::unique_ptr<KillTrial>()>& make, const KillPoint& point) {
    constexpr int kTries = 100;
    for (int tries = 0; tries != kTries; ++tries) {
        auto trial = make();
        auto child = start(*trial);
        const bool there = walk(child, point.steps);
        child.kill();
        if (there) return trial;
    }
    throw std::runtime_error("the operation is shorter than it was");
}

}  // namespace

std::vector<std::uint64_t> find_kill_points(KillTrial& trial) {
    std::vector<std::uint64_t> points{0};
    auto child = start(trial);
    const auto watched = trial.watched();
    std::vector<std::byte> seen(watched.begin(), watched.end());
    for (std::uint64_t steps = 1;; ++steps) {
        const bool system_call = child.at_system_call();
        if (system_call && points.back() != steps - 1) points.push_back(steps - 1);
        if (!child.step()) return points;
        if (system_call || !std::equal(seen.begin(), seen.end(), watched.begin())) {
            points.push_back(steps);
            seen.assign(watched.begin(), watched.end());
        }
        if (child.asleep()) return points;
    }
}

std::size_t kill_everywhere(const std::function<std::unique_ptr<KillTrial>()>& make) {
    const auto points = find_kill_points(*make());
    for (std::size_t number = 0; number != points.size(); ++number) {
        const KillPoint point{points[number], number, number + 1 == points.size()};
        SCOPED_TRACE("killed after " + std::to_string(point.steps) + " instructions, point " + std::to_string(number) +
                     " of " + std::to_string(points.size()));
        killed_at(make, point)->check(point);
        if (testing::Test::HasFailure()) break;
    }
    return points.size();
}

}  // namespace cohort::test
