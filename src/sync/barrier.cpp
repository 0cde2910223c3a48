// SPDX-License-Identifier: MIT
#include <cohort/sync/barrier.hpp>

#include <cohort/base/errors.hpp>

#include "sync/barrier_state.hpp"
#include "sync/make_state.hpp"
#include "sync/this_caller.hpp"

#include <string>

namespace cohort {

using sync::BarrierState;
using sync::state_at;

static_assert(Barrier::kMaxParties == BarrierState::kMaxParties);

namespace {

std::shared_ptr<shm::Object> make(std::ptrdiff_t parties) {
    if (parties < 1 || parties > Barrier::kMaxParties)
        throw ValueError("parties must be >= 1 and <= " + std::to_string(Barrier::kMaxParties) + ", not " +
                         std::to_string(parties));
    return sync::make_state<BarrierState>(static_cast<std::uint32_t>(parties));
}

}  // namespace

Barrier::Barrier(std::ptrdiff_t parties, Action action, Timeout timeout)
    : Barrier(make(parties), std::move(action), timeout) {}

std::ptrdiff_t Barrier::wait(Timeout timeout) {
    auto& state = state_at<BarrierState>(memory());
    const auto run = [this] {
        if (action_) action_();
    };
    const auto arrival = state.wait(sync::this_caller(), shm::until(timeout), run);
    if (!arrival)
        throw BrokenBarrierError("the barrier is broken: a party gave up or died, or it was reset or aborted");
    return *arrival;
}

void Barrier::reset() {
    state_at<BarrierState>(memory()).reset();
}

void Barrier::abort() {
    state_at<BarrierState>(memory()).abort();
}

std::ptrdiff_t Barrier::parties() const {
    return state_at<BarrierState>(memory()).parties();
}

std::ptrdiff_t Barrier::n_waiting() const {
    return state_at<BarrierState>(memory()).n_waiting();
}

bool Barrier::broken() const {
    return state_at<BarrierState>(memory()).broken();
}

}  // namespace cohort
