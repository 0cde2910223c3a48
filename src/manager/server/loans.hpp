// SPDX-License-Identifier: MIT
#pragma once

#include "manager/reference.hpp"
#include "manager/timers.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>

namespace cohort::manager {

/// References for proxies that are on their way from one client to another in a message, of which the server sees
/// nothing: the sender may be gone before the receiver counts its own.
///
/// Thread safety: none. DEATH: a loan outlives its sender; of a message that nobody receives it ends with its time, or
/// when there are too many.
class Loans {
public:
    static constexpr std::size_t kMost = std::size_t{1} << 20;  // at once; then the oldest ends

    Loans(Timers& timers, std::chrono::nanoseconds time) : timers_(timers), time_(time) {}
    ~Loans();
    Loans(const Loans&) = delete;
    Loans& operator=(const Loans&) = delete;

    /// @returns the loan's number; never 0
    std::uint64_t add(std::shared_ptr<const Reference> reference);
    /// The receiver has counted its own. One that is over already, or another object's: nothing happens.
    void end(std::uint64_t number, std::string_view ident) noexcept;

    std::size_t size() const noexcept { return all_.size(); }

private:
    struct Loan {
        std::shared_ptr<const Reference> reference;
        Timers::Id timer;
    };

    Timers& timers_;
    const std::chrono::nanoseconds time_;
    std::map<std::uint64_t, Loan> all_;  // the oldest first
    std::uint64_t last_ = 0;
};

}  // namespace cohort::manager
