// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>

#include <memory>
#include <typeinfo>
#include <utility>

namespace cohort {

namespace detail {

/// The state of this type that the calling worker has; empty at first.
/// @throws Error  the calling thread is no worker of a pool
COHORT_API std::shared_ptr<void>& worker_state_slot(const std::type_info& type);

}  // namespace detail

/// What the calling worker of a pool keeps from one task to the next: a connection, a model, a cache. Each worker has
/// one object of a type, made by the first call in it.
/// @tparam T  any type, also one that cannot be sent
/// @param arguments  for the constructor, if this is the first call
/// @returns the worker's own; it is there until the worker ends, and is destroyed then, after PoolOptions::worker_exit
/// @throws Error  the calling thread is no worker of a pool; what the constructor throws
/// Thread safety: for the thread that runs tasks. DEATH: it goes with the worker; the next one has one of its own.
template <class T, class... Args>
T& worker_state(Args&&... arguments) {
    std::shared_ptr<void>& slot = detail::worker_state_slot(typeid(T));
    if (!slot) slot = std::make_shared<T>(std::forward<Args>(arguments)...);
    return *static_cast<T*>(slot.get());
}

}  // namespace cohort
