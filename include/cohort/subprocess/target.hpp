// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/os/descriptor.hpp>

#include <concepts>
#include <cstdio>

namespace cohort::subprocess {

/// Where a standard stream of a program leads: to the same file as this process's (the default), to a pipe (PIPE), to
/// /dev/null (DEVNULL), where its standard output leads (STDOUT, for its standard error), or to an open file.
///
/// Thread safety: a value. It refers to an open file, which stays the caller's and must be open until the program has
/// been started.
class COHORT_API Target {
public:
    /// What it is.
    enum class Kind { inherited, pipe, null, standard_output, descriptor };

    /// The same file as this process's.
    constexpr Target() noexcept = default;

    // NOLINTBEGIN(google-explicit-constructor): the value of an option
    /// An open file of this process; need not cross exec.
    /// @throws ValueError  a negative number
    Target(int descriptor);
    /// The same, for a descriptor with an owner.
    Target(const Descriptor& descriptor) : Target(descriptor.get()) {}
    /// A file of the C library. What it holds back is not flushed.
    Target(std::FILE* file);
    /// Whatever has a descriptor, such as a stream of another program.
    /// Throws what `fileno()` throws.
    template <class T>
    requires requires(const T& object) {
        { object.fileno() } -> std::same_as<int>;
    }
    Target(const T& object) : Target(object.fileno()) {}
    // NOLINTEND(google-explicit-constructor)

    /// What it is.
    constexpr Kind kind() const noexcept { return kind_; }
    /// The open file; -1 if it is not one.
    constexpr int descriptor() const noexcept { return descriptor_; }

    /// One that is no open file.
    static constexpr Target of(Kind kind) noexcept {
        Target target;
        target.kind_ = kind;
        return target;
    }

private:
    Kind kind_ = Kind::inherited;
    int descriptor_ = -1;
};

/// A pipe, of which this process has the other end.
inline constexpr Target PIPE = Target::of(Target::Kind::pipe);
/// Where standard output leads: for standard error.
inline constexpr Target STDOUT = Target::of(Target::Kind::standard_output);
/// /dev/null: nothing to read, and what is written is dropped.
inline constexpr Target DEVNULL = Target::of(Target::Kind::null);

}  // namespace cohort::subprocess
