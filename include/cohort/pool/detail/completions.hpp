// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace cohort::detail {

class AsyncCall;

/// Calls in the order in which they become ready.
///
/// Thread safety: none. The calls may belong to several pools.
class COHORT_API Completions {
public:
    explicit Completions(const std::vector<std::shared_ptr<AsyncCall>>& calls);
    ~Completions();
    Completions(Completions&& other) noexcept;
    Completions& operator=(Completions&& other) noexcept;

    /// How many have not been returned by next().
    std::size_t left() const noexcept { return left_; }
    /// Waits for the next one that is ready.
    /// @returns its index; nothing if the time is up
    /// @throws Interrupted on Ctrl-C
    /// REQUIRES: left() != 0.
    std::optional<std::size_t> next(const Deadline& deadline);

private:
    struct Shared;

    std::shared_ptr<Shared> shared_;  // with the calls
    std::size_t left_;
};

/// Throws the TimeoutError of as_completed().
[[noreturn]] COHORT_API void fail_unfinished(std::size_t left, std::size_t all);

}  // namespace cohort::detail
