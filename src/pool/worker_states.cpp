// SPDX-License-Identifier: MIT
#include "pool/worker_states.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/pool/worker_state.hpp>

namespace cohort::pool {

namespace {

thread_local WorkerStates* states = nullptr;

}  // namespace

WorkerStates::WorkerStates() noexcept : before_(std::exchange(states, this)) {}

WorkerStates::~WorkerStates() {
    while (!slots_.empty()) slots_.pop_back();
    states = before_;
}

WorkerStates* WorkerStates::current() noexcept {
    return states;
}

std::shared_ptr<void>& WorkerStates::slot(const std::type_info& type) {
    for (const auto& slot : slots_)
        if (*slot->type == type) return slot->state;
    slots_.push_back(std::make_unique<Slot>(Slot{&type, nullptr}));
    return slots_.back()->state;
}

}  // namespace cohort::pool

namespace cohort::detail {

std::shared_ptr<void>& worker_state_slot(const std::type_info& type) {
    if (auto* states = pool::WorkerStates::current()) return states->slot(type);
    throw Error("worker_state() is for tasks of a pool: the calling thread runs none");
}

}  // namespace cohort::detail
