// SPDX-License-Identifier: MIT
#include "sync/this_caller.hpp"

#include "shm/tree.hpp"

#include <atomic>

namespace cohort::sync {

namespace {

std::uint32_t next_number() noexcept {
    static std::atomic<std::uint32_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

struct ThreadPart {
    const std::uint32_t number = next_number();
    shm::Spinner spinner{};
};

}  // namespace

Caller this_caller() {
    thread_local ThreadPart own;
    const shm::Owner process = shm::this_process();
    return {process, own.number, shm::tree_arena().roster(), own.spinner};
}

}  // namespace cohort::sync
