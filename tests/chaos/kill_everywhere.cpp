// SPDX-License-Identifier: MIT
#include "chaos/kill_everywhere.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace cohort::test {

namespace {

/// Goes from point to point of an operation. A point is known by its number, not by the instructions before it: how
/// many those are depends on the digits of a pid, and on the clock, which takes some more whenever the kernel sets it.
class PointWalk {
public:
    explicit PointWalk(KillTrial& trial)
        : child_([&] { trial.prepare(); }, [&] { trial.operate(); }, trial.is_answered()),
          watched_{trial.watched(), trial.also_watched()} {
        for (std::size_t i = 0; i != watched_.size(); ++i) seen_[i].assign(watched_[i].begin(), watched_[i].end());
    }

    /// Goes on to the next point; the first is the beginning. An operation that sleeps ends there: the others have to
    /// wake it, and it is killed in its sleep.
    /// @returns false at the end of the operation
    bool next() {
        if (!begun_) return begun_ = true;
        while (!child_.asleep()) {
            const bool system_call = child_.at_system_call();
            if (system_call && !at_point_) return at_point_ = true;
            if (!child_.step()) return false;
            ++steps_;
            at_point_ = sees_change() || system_call;
            if (at_point_) return true;
        }
        return false;
    }
    /// Whether the end was a sleep.
    bool asleep() const noexcept { return child_.asleep(); }
    /// Instructions since the beginning.
    std::uint64_t steps() const noexcept { return steps_; }
    void kill() noexcept { child_.kill(); }

private:
    bool sees_change() {
        bool changed = false;
        for (std::size_t i = 0; i != watched_.size(); ++i) {
            if (seen_[i].empty() || std::memcmp(seen_[i].data(), watched_[i].data(), seen_[i].size()) == 0) continue;
            seen_[i].assign(watched_[i].begin(), watched_[i].end());
            changed = true;
        }
        return changed;
    }

    SteppedChild child_;
    std::array<std::span<const std::byte>, 2> watched_;
    std::array<std::vector<std::byte>, 2> seen_;
    std::uint64_t steps_ = 0;
    bool begun_ = false;
    bool at_point_ = true;
};

bool environment_says(const char* name, std::string_view value) {
    const char* found = std::getenv(name);
    return found != nullptr && found == value;
}

// The distance between the points of a sample.
std::size_t stride_through(std::size_t points, std::size_t sample) {
    const bool all = environment_says("COHORT_KILL_POINTS", "all") || environment_says("COHORT_TEST_COUNTS", "full");
    return all ? 1 : points / sample + 1;
}

// Kills the operation in a fresh world at this point; another world if it ended before, unless the last point is meant:
// that is the end, also where others' work made more points this time.
// Null if it falls asleep before, again and again: where it was recorded, a bounded sleep was over before the tracer
// had seen it, and what the operation did after that was its beginning once more.
std::unique_ptr<KillTrial> killed_at(const std::function<std::unique_ptr<KillTrial>()>& make, const KillPoint& point) {
    constexpr int kTries = 100;
    constexpr int kAsleepInARow = 5;
    for (int tries = 0, asleep = 0; tries != kTries; ++tries) {
        auto trial = make();
        PointWalk walk(*trial);
        std::size_t reached = 0;
        bool over = false;
        while (!over && (point.last || reached != point.number + 1)) {
            over = !walk.next();
            if (!over) ++reached;
        }
        asleep = walk.asleep() ? asleep + 1 : 0;
        const bool there = reached == point.number + 1 || (point.last && (reached > point.number || !walk.asleep()));
        if (there) trial->check_stopped();
        walk.kill();
        if (there) return trial;
        if (asleep == kAsleepInARow) return nullptr;
    }
    throw std::runtime_error("the operation has fewer points than it had");
}

}  // namespace

std::vector<std::uint64_t> find_kill_points(KillTrial& trial) {
    std::vector<std::uint64_t> points;
    PointWalk walk(trial);
    while (walk.next()) points.push_back(walk.steps());
    return points;
}

std::size_t kill_everywhere(const std::function<std::unique_ptr<KillTrial>()>& make, std::size_t sample) {
    // What a check does for the first time, later children find done: with more memory in the heap, say, one has a
    // system call less to make.
    killed_at(make, {})->check({});
    const auto points = find_kill_points(*make());
    const std::size_t stride = stride_through(points.size(), sample);
    std::size_t killed = 0;
    for (std::size_t next = 0; next < points.size(); next += stride, ++killed) {
        const std::size_t number = next + stride < points.size() ? next : points.size() - 1;
        const KillPoint point{number, number + 1 == points.size()};
        SCOPED_TRACE("killed after about " + std::to_string(points[number]) + " instructions, point " +
                     std::to_string(number) + " of " + std::to_string(points.size()));
        const auto trial = killed_at(make, point);
        if (!trial) break;
        trial->check(point);
        if (testing::Test::HasFailure()) break;
    }
    return killed;
}

}  // namespace cohort::test
