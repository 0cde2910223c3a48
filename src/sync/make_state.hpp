// SPDX-License-Identifier: MIT
#pragma once

#include "shm/tree.hpp"

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace cohort::sync {

/// A new object of the arena that begins with a State.
/// @param bytes  the size of the object, of which only the State gets memory now
template <class State, class... Args>
std::shared_ptr<shm::Object> make_state_in(std::size_t bytes, Args&&... args) {
    static_assert(std::is_trivially_destructible_v<State>, "nobody destroys what is in shared memory");
    auto object = shm::create_object(bytes, sizeof(State));
    new (object->data()) State(std::forward<Args>(args)...);
    return object;
}

/// The same with the memory that the State asks for.
template <class State, class... Args>
std::shared_ptr<shm::Object> make_state(Args&&... args) {
    return make_state_in<State>(State::bytes(), std::forward<Args>(args)...);
}

/// The State at the beginning of an object.
template <class State>
State& state_at(std::byte* memory) noexcept {
    return *std::launder(reinterpret_cast<State*>(memory));
}

}  // namespace cohort::sync
