// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>

#include <utility>

namespace cohort {

/// Owns an open file of this process and closes it at the end. Whatever cohort opens is closed on exec.
///
/// Thread safety: as an int.
/// FORK: the child has the same open file under the same number, in its own copy of this object.
class COHORT_API Descriptor {
public:
    /// Owns nothing.
    constexpr Descriptor() noexcept = default;

    /// Takes the ownership of `number`; a negative one is nothing.
    explicit constexpr Descriptor(int number) noexcept : number_(number < 0 ? -1 : number) {}

    Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other) reset(other.release());
        return *this;
    }
    ~Descriptor() { reset(); }

    /// The number, still owned by this object; -1 if there is none.
    int get() const noexcept { return number_; }

    /// Whether there is an open file.
    explicit operator bool() const noexcept { return number_ >= 0; }

    /// Gives the ownership to the caller.
    [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }

    /// Closes what is owned and owns `number` instead. `errno` is kept.
    void reset(int number = -1) noexcept;

private:
    int number_ = -1;
};

}  // namespace cohort
