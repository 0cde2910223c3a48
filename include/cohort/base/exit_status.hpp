// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

namespace cohort {

/// How a process ended: with a code, or by a signal. The two cannot be mistaken for each other.
///
/// Thread safety: a value.
class ExitStatus {
public:
    /// The process called `exit(code)` or `_exit(code)`, or returned from `main`.
    static constexpr ExitStatus exited(int code) noexcept { return {Kind::exited, code, false}; }

    /// Signal `number` ended the process.
    /// @param core whether the kernel wrote a core file
    static constexpr ExitStatus signaled(int number, bool core = false) noexcept {
        return {Kind::signaled, number, core};
    }

    /// The code, 0 to 255; empty if a signal ended the process.
    constexpr std::optional<int> code() const noexcept { return when(Kind::exited); }

    /// The signal's number; empty if the process exited.
    constexpr std::optional<int> signal() const noexcept { return when(Kind::signaled); }

    /// Whether the kernel wrote a core file.
    constexpr bool core_dumped() const noexcept { return core_; }

    /// Whether the process exited with code 0.
    constexpr bool success() const noexcept { return kind_ == Kind::exited && value_ == 0; }

    /// One number for both, as Python has it: the code, or -N if signal N ended the process.
    constexpr int exitcode() const noexcept { return kind_ == Kind::exited ? value_ : -value_; }

    friend constexpr bool operator==(const ExitStatus&, const ExitStatus&) = default;

private:
    enum class Kind : unsigned char { exited, signaled };

    constexpr ExitStatus(Kind kind, int value, bool core) noexcept : value_(value), kind_(kind), core_(core) {}

    constexpr std::optional<int> when(Kind kind) const noexcept {
        return kind_ == kind ? std::optional(value_) : std::nullopt;
    }

    int value_;
    Kind kind_;
    bool core_;
};

}  // namespace cohort
