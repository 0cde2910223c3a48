// SPDX-License-Identifier: MIT
#pragma once

#include "os/fork.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <utility>

namespace cohort::test {

/// A child made by a plain fork, which runs `body` and ends: with status 0, or 1 after an exception or a failed
/// expectation. It is killed and reaped at the end of the test if it still runs.
class ForkedChild {
public:
    template <class Body>
    explicit ForkedChild(Body&& body) : forked_(flushed_fork()) {
        if (forked_.in_child()) run(body);
    }
    ForkedChild(ForkedChild&& other) noexcept : forked_(std::exchange(other.forked_, {})) {}
    ForkedChild& operator=(ForkedChild&&) = delete;
    ~ForkedChild() {
        if (!forked_.process) return;
        kill();
        wait();
    }

    pid_t pid() const { return forked_.pid; }
    void kill(int signal = SIGKILL) const { forked_.process.send_signal(signal); }
    /// Waits for the end and reaps.
    ExitStatus wait() { return std::exchange(forked_.process, {}).wait(forever).value(); }

private:
    // What stdio holds would otherwise be printed twice.
    static os::Forked flushed_fork() {
        std::fflush(nullptr);
        return os::fork_process();
    }

    template <class Body>
    [[noreturn]] static void run(Body& body) {
        int status = 1;
        try {
            body();
            status = testing::Test::HasFailure() ? 1 : 0;
        } catch (const std::exception& error) {
            std::fprintf(stderr, "in a forked child: %s\n", error.what());
        }
        std::fflush(nullptr);
        ::_exit(status);
    }

    os::Forked forked_;
};

}  // namespace cohort::test
