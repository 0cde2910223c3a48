// SPDX-License-Identifier: MIT
#include "manager/workers.hpp"

#include <utility>

namespace cohort::manager {

const std::atomic<bool>& Workers::ends() const noexcept {
    static const std::atomic<bool> never{false};
    return never;
}

Workers*& this_thread_workers() noexcept {
    thread_local Workers* workers = nullptr;
    return workers;
}

void run_where_it_may_wait(std::function<void()> work) {
    Workers* workers = this_thread_workers();
    if (!workers) return work();
    workers->run([work = std::move(work)]() -> std::function<void()> {
        work();
        return [] {};
    });
}

}  // namespace cohort::manager
