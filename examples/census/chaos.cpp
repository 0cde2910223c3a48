// SPDX-License-Identifier: MIT
#include "chaos.hpp"

#include <cohort/base/errors.hpp>

#include <signal.h>

#include <chrono>
#include <vector>

namespace census {

namespace {

// The pause between two kills, in milliseconds: long enough for a batch or two.
constexpr int kShortestPause = 10;
constexpr int kLongestPause = 50;

}  // namespace

Chaos::Chaos(cohort::Pool& pool) : pool_(pool) {
    kill_one();
    thread_ = std::jthread([this](const std::stop_token& stop) { go_on(stop); });
}

void Chaos::kill_one() {
    const std::vector<pid_t> workers = pool_.worker_pids();
    std::uniform_int_distribution<std::size_t> any(0, workers.size() - 1);
    if (::kill(workers[any(random_)], SIGKILL) == 0) ++kills_;
}

void Chaos::go_on(const std::stop_token& stop) try {
    std::uniform_int_distribution pause(kShortestPause, kLongestPause);
    std::unique_lock lock(mutex_);
    while (kills_ < kMostKills) {
        stopped_.wait_for(lock, stop, std::chrono::milliseconds(pause(random_)), [] { return false; });
        if (stop.stop_requested()) return;
        kill_one();
    }
} catch (const cohort::Error&) {
    // The pool is broken: who waits for its results hears of it.
}

}  // namespace census
