// SPDX-License-Identifier: MIT
#pragma once

#include <sched.h>

#include <memory>

namespace cohort::os {

/// The processors that a thread may run on.
class ProcessorSet {
public:
    /// Those of the calling thread.
    /// @throws std::system_error
    ProcessorSet();

    /// Leaves one of them.
    /// @param nth  counted round and round: any number is one of them
    void keep_one(unsigned nth) noexcept;

    /// Binds the calling thread to them, and the threads and children that it makes from now on.
    /// @returns false, with errno set, when the kernel refuses
    bool bind() const noexcept;

private:
    struct Free {
        void operator()(cpu_set_t* set) const noexcept { CPU_FREE(set); }
    };
    std::unique_ptr<cpu_set_t, Free> set_;
};

/// Binds the calling thread, and the threads and children that it makes from now on, to one of the processors that it
/// may run on.
/// @param nth  counted round and round: any number is one of them
/// @throws std::system_error
void bind_to_processor(unsigned nth);

}  // namespace cohort::os
