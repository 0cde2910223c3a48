// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>

#include "os/pidfd.hpp"

#include <sys/types.h>

#include <memory>

namespace cohort::process {

/// A handle to this process's parent for the kernel; empty if that is not `pid` any more.
os::Pidfd open_parent(pid_t pid);

/// Watches the process that asked for this one.
///
/// Thread safety: safe.
class ParentWatch {
public:
    /// @param parent  empty: it has ended already
    explicit ParentWatch(os::Pidfd parent);

    /// Watches the kernel's idea of the parent, if that is still `pid`.
    static std::shared_ptr<const ParentWatch> of_kernel_parent(pid_t pid);

    /// @returns whether the parent has ended
    bool wait(Timeout timeout) const;

    /// Readable when the parent has ended; -1 if it had at the start.
    int descriptor() const noexcept { return parent_.get(); }

private:
    os::Pidfd parent_;
};

}  // namespace cohort::process
