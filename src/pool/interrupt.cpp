// SPDX-License-Identifier: MIT
#include "pool/interrupt.hpp"

#include "os/signals.hpp"

#include <cohort/base/errors.hpp>

#include <atomic>
#include <csignal>
#include <mutex>
#include <optional>

namespace cohort::pool {

namespace {

// The action of a signal belongs to the process, so this does, too.
std::atomic<std::uint32_t> interrupts{0};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);  // for the handler

void count_interrupt(int) {
    interrupts.fetch_add(1, std::memory_order_relaxed);
}

std::mutex mutex;
unsigned guards = 0;
std::optional<os::SignalHandler> handler;

}  // namespace

InterruptGuard::InterruptGuard() {
    std::lock_guard lock(mutex);
    // Without SA_RESTART: the sleep of the thread that gets the signal ends.
    if (guards == 0 && os::signal_action(SIGINT) == SIG_DFL) handler.emplace(SIGINT, count_interrupt);
    ++guards;
    seen_ = interrupts.load(std::memory_order_relaxed);
}

InterruptGuard::~InterruptGuard() {
    std::lock_guard lock(mutex);
    if (--guards == 0) handler.reset();
}

void InterruptGuard::check() const {
    if (interrupts.load(std::memory_order_relaxed) != seen_) throw Interrupted("interrupted by SIGINT");
}

}  // namespace cohort::pool
