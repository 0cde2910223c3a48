// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/function_ref.hpp>

#include <sched.h>
#include <sys/types.h>

namespace cohort::test {

/// A child under ptrace that runs one operation, an instruction at a time.
///
/// The child calls `prepare` at full speed and stops; then each step() runs one instruction of `operation`. Both share
/// one core with the tracer: a step across cores takes three times as long.
class SteppedChild {
public:
    /// @param is_answered  whom the operation waits for in a system call is no child of the tracer's, and answers
    SteppedChild(detail::FunctionRef<void()> prepare, detail::FunctionRef<void()> operation, bool is_answered = false);
    SteppedChild(const SteppedChild&) = delete;
    SteppedChild& operator=(const SteppedChild&) = delete;
    ~SteppedChild();

    /// Runs one instruction; one that repeats itself to its end. Returns false, and stays where it is, when the
    /// operation is over. A system call that takes long is left running: see asleep().
    bool step();
    /// Whether the last step is a system call that has not returned.
    bool asleep() const noexcept { return asleep_; }
    /// Whether the next instruction is a system call.
    bool at_system_call() const;
    /// Ends it with SIGKILL, here and now, and reaps it.
    void kill() noexcept;
    pid_t pid() const noexcept { return pid_; }

private:
    [[noreturn]] static void run(detail::FunctionRef<void()> prepare, detail::FunctionRef<void()> operation);
    void wait_for_stop() const;
    void run_to(const unsigned char* there);
    bool is_stopped() const;
    bool falls_asleep() const;
    const unsigned char* next_instruction() const;

    const bool is_answered_;
    cpu_set_t cores_before_;
    pid_t pid_;
    bool asleep_ = false;
};

}  // namespace cohort::test
