// SPDX-License-Identifier: MIT
#include <cohort/sync/event.hpp>

#include "sync/event_state.hpp"
#include "sync/make_state.hpp"
#include "sync/this_caller.hpp"

namespace cohort {

using sync::EventState;
using sync::state_at;

Event::Event() : SharedHandle(sync::make_state<EventState>()) {}

bool Event::is_set() const {
    return state_at<EventState>(memory()).is_set();
}

void Event::set() {
    state_at<EventState>(memory()).set();
}

void Event::clear() {
    state_at<EventState>(memory()).clear();
}

bool Event::wait(Timeout timeout) const {
    auto& state = state_at<EventState>(memory());
    return state.is_set() || state.wait(sync::this_caller(), shm::until(timeout));
}

}  // namespace cohort
