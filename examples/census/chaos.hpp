// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/pool/pool.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <random>
#include <thread>

namespace census {

/// Kills workers of a pool, at random and with SIGKILL, as long as it lives: the first one at once, up to kMostKills.
/// The pool must outlive it.
class Chaos {
public:
    /// One less than the pool takes for a sign that its workers cannot start at all.
    static constexpr std::size_t kMostKills = 4;

    explicit Chaos(cohort::Pool& pool);
    Chaos(const Chaos&) = delete;
    Chaos& operator=(const Chaos&) = delete;

    /// How many workers it has killed so far.
    std::size_t kills() const noexcept { return kills_; }

private:
    void kill_one();
    void go_on(const std::stop_token& stop);

    cohort::Pool& pool_;
    std::minstd_rand random_{std::random_device{}()};
    std::atomic<std::size_t> kills_ = 0;
    std::mutex mutex_;
    std::condition_variable_any stopped_;
    std::jthread thread_;
};

}  // namespace census
