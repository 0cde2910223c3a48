// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <functional>

namespace bench {

/// A forked process that calls a function and ends, the same for all competitors. It is killed if it takes longer than
/// two minutes, or when this object ends before it.
class Child {
public:
    explicit Child(const std::function<void()>& body);
    Child(Child&& other) noexcept;
    Child& operator=(Child&&) = delete;
    ~Child();

    pid_t pid() const { return pid_; }
    /// Waits for its end.
    /// @throws std::runtime_error  the function threw (what it said is on standard error), or the process was killed
    void wait();

private:
    pid_t pid_;
};

/// What `measure` returns, called in a process of its own: what it leaves in malloc, in its threads' memory and in its
/// affinity ends with it.
double figure_apart(const std::function<double()>& measure);

}  // namespace bench
