// SPDX-License-Identifier: MIT
#include "channel/memory_watch.hpp"

#include "os/futex.hpp"

#include <algorithm>
#include <array>

namespace cohort::channel {

namespace {

bool any_ready(MemoryEvents events) {
    return std::ranges::any_of(events, [](MemoryEvent* event) { return event->ready(false); });
}

}  // namespace

void sleep_on(MemoryEvents events, const shm::Watch* beside, shm::Until until) {
    std::array<shm::Watch, kMostEvents + 1> words;
    std::size_t count = 0;
    if (beside) words[count++] = *beside;
    for (MemoryEvent* event : events) words[count++] = event->listen();
    if (!any_ready(events)) shm::Doorbell::wait_any(std::span(words).first(count), until);
}

MemoryWatch::MemoryWatch(MemoryEvents events, const os::Eventfd& alarm)
    : events_(events),
      alarm_(alarm),
      thread_([](void* self) noexcept { static_cast<MemoryWatch*>(self)->run(); }, this) {}

MemoryWatch::~MemoryWatch() {
    state_.store(stopped, std::memory_order_release);
    os::futex_wake(state_, 1);
}

bool MemoryWatch::move(State from, State to) noexcept {
    std::uint32_t expected = from;
    return state_.compare_exchange_strong(expected, to, std::memory_order_acq_rel, std::memory_order_acquire);
}

void MemoryWatch::go_on() {
    if (move(rung, watching)) os::futex_wake(state_, 1);
    if (is(failed)) std::rethrow_exception(failure_);
}

// False: stopped.
bool MemoryWatch::watch_until_ready() {
    const shm::Watch own{&state_, watching};
    while (is(watching)) {
        if (any_ready(events_)) return move(watching, rung);
        sleep_on(events_, &own, {});
    }
    return false;
}

void MemoryWatch::run() noexcept {
    try {
        while (watch_until_ready()) {
            alarm_.add();
            while (is(rung)) os::futex_wait(state_, rung, {});
        }
    } catch (...) {
        failure_ = std::current_exception();
        state_.store(failed, std::memory_order_release);
        alarm_.add();
    }
}

}  // namespace cohort::channel
