// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace cohort::pool {

/// While one of these lives and SIGINT has its default action, Ctrl-C does not end the process but makes check() throw:
/// a blocking call of a pool becomes an Interrupted that the program can handle.
///
/// Thread safety: any number at once, in any threads; a Ctrl-C is for all that live then.
/// FORK: a child that is forked meanwhile inherits the handler; workers ignore SIGINT.
class [[nodiscard]] InterruptGuard {
public:
    InterruptGuard();
    ~InterruptGuard();
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;

    /// @throws Interrupted if SIGINT has arrived since this guard was made
    void check() const;

private:
    std::uint32_t seen_;
};

}  // namespace cohort::pool
