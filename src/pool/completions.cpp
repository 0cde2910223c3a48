// SPDX-License-Identifier: MIT
#include <cohort/pool/detail/completions.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/pool/detail/async_call.hpp>

#include "pool/interrupt.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>

namespace cohort::detail {

namespace {

// How often a thread that waits looks for Ctrl-C.
constexpr std::chrono::milliseconds kPeriod{100};

}  // namespace

// Calls become ready after whoever waited for them has gone away.
struct Completions::Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::size_t> ready;

    void add(std::size_t index) {
        const std::lock_guard lock(mutex);
        ready.push_back(index);
        changed.notify_all();
    }
};

Completions::Completions(const std::vector<std::shared_ptr<AsyncCall>>& calls)
    : shared_(std::make_shared<Shared>()), left_(calls.size()) {
    for (std::size_t i = 0; i != calls.size(); ++i)
        if (!calls[i]->when_ready([shared = shared_, i] { shared->add(i); })) shared_->add(i);
}
Completions::~Completions() = default;
Completions::Completions(Completions&& other) noexcept = default;
Completions& Completions::operator=(Completions&& other) noexcept = default;

std::optional<std::size_t> Completions::next(const Deadline& deadline) {
    const pool::InterruptGuard interrupt;
    std::unique_lock lock(shared_->mutex);
    while (shared_->ready.empty()) {
        const auto left = deadline.left();
        if (left && *left <= left->zero()) return std::nullopt;
        const auto period = Deadline::Clock::duration(kPeriod);
        shared_->changed.wait_for(lock, left ? std::min(*left, period) : period);
        interrupt.check();
    }
    const std::size_t index = shared_->ready.front();
    shared_->ready.pop_front();
    --left_;
    return index;
}

void fail_unfinished(std::size_t left, std::size_t all) {
    throw TimeoutError(std::to_string(left) + " of " + std::to_string(all) + " results are not there yet");
}

}  // namespace cohort::detail
