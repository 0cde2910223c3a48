// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/pool/pool.hpp>

#include <signal.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <random>
#include <thread>
#include <utility>

namespace cohort::test {

/// Kills a random worker of a pool every few milliseconds until it has killed enough.
class WorkerKiller {
public:
    /// @param may_go_on  called before each kill; may wait
    WorkerKiller(
        Pool& pool, std::size_t kills, unsigned seed, std::function<void()> may_go_on = [] {})
        : pool_(pool), may_go_on_(std::move(may_go_on)), random_(seed), thread_([this, kills] { run(kills); }) {}
    ~WorkerKiller() { thread_.join(); }
    WorkerKiller(const WorkerKiller&) = delete;
    WorkerKiller& operator=(const WorkerKiller&) = delete;

    bool is_busy() const { return busy_.load(); }

private:
    void run(std::size_t kills) {
        while (kills != 0) {
            std::this_thread::sleep_for(std::chrono::microseconds(random_() % 20'000));
            may_go_on_();
            const auto pids = pool_.worker_pids();
            if (::kill(pids.at(random_() % pids.size()), SIGKILL) == 0) --kills;
        }
        busy_ = false;
    }

    Pool& pool_;
    std::function<void()> may_go_on_;
    std::mt19937 random_;
    std::atomic<bool> busy_{true};
    std::thread thread_;
};

}  // namespace cohort::test
