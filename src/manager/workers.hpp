// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <functional>

namespace cohort::manager {

/// Runs what may wait, beside the server's thread.
class Workers {
public:
    virtual ~Workers() = default;
    /// Calls `work` in another thread, then what it returns in the server's thread.
    /// @param work  throws nothing
    virtual void run(std::function<std::function<void()>()> work) = 0;
    /// Whether the server is about to end: nobody waits any more.
    virtual const std::atomic<bool>& ends() const noexcept;
};

/// In the thread of a server, which must not wait: what runs that for it. Null in all others.
Workers*& this_thread_workers() noexcept;

/// Lets `work` run where it may wait: here, or beside the server whose thread this is.
/// @param work  throws nothing
void run_where_it_may_wait(std::function<void()> work);

}  // namespace cohort::manager
