// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

namespace cohort::manager {

/// Runs what may wait, beside the server's thread.
class Workers {
public:
    virtual ~Workers() = default;
    /// Calls `work` in another thread, then what it returns in the server's thread.
    virtual void run(std::function<std::function<void()>()> work) = 0;
};

}  // namespace cohort::manager
