// SPDX-License-Identifier: MIT
#include "sync/this_caller.hpp"

#include "shm/tree.hpp"

#include <atomic>

namespace cohort::sync {

namespace {

constinit std::atomic<std::uint32_t> last_number{0};
constinit thread_local shm::Spinner spinner;

}  // namespace

constinit thread_local std::uint32_t detail::thread_number = 0;

std::uint32_t detail::number_thread() noexcept {
    return thread_number = last_number.fetch_add(1, std::memory_order_relaxed) + 1;
}

Caller this_caller() {
    const shm::Owner process = shm::this_process();
    return {process, this_thread(), shm::tree_arena().roster(), spinner};
}

}  // namespace cohort::sync
