// SPDX-License-Identifier: MIT
#pragma once

#include "sync/caller.hpp"

#include <cstdint>

namespace cohort::sync {

/// The number of the calling thread, as in Caller.
inline std::uint32_t this_thread() noexcept;

/// The calling thread of this process, which enters the roster of its tree by the first call.
/// @throws as shm::this_process()
Caller this_caller();

namespace detail {
extern constinit thread_local std::uint32_t thread_number;
std::uint32_t number_thread() noexcept;
}  // namespace detail

inline std::uint32_t this_thread() noexcept {
    const std::uint32_t number = detail::thread_number;
    return number != 0 ? number : detail::number_thread();
}

}  // namespace cohort::sync
