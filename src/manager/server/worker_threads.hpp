// SPDX-License-Identifier: MIT
#pragma once

#include "os/helper_thread.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace cohort::manager {

/// Threads for code of the program that may wait: as many as are busy at once.
///
/// Thread safety: safe. FORK: the child has none of them.
class WorkerThreads {
public:
    WorkerThreads() = default;
    /// Waits for what runs; what has not begun is dropped.
    ~WorkerThreads();
    WorkerThreads(const WorkerThreads&) = delete;
    WorkerThreads& operator=(const WorkerThreads&) = delete;

    /// @param work  throws nothing
    /// @throws std::system_error  there can be no more threads
    void run(std::function<void()> work);

private:
    static void loop(void* self) noexcept;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> waiting_;
    std::size_t idle_ = 0;
    bool ends_ = false;
    std::vector<std::unique_ptr<os::HelperThread>> threads_;
};

}  // namespace cohort::manager
