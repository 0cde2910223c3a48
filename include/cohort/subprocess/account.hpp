// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>

#include <sys/types.h>

#include <string>
#include <utility>
#include <variant>

namespace cohort::subprocess {

/// A user or a group, by its number or its name.
///
/// Thread safety: a value.
class COHORT_API Account {
public:
    // NOLINTBEGIN(google-explicit-constructor): the value of an option
    /// @throws ValueError  a negative number
    Account(long long number);
    /// The same.
    Account(int number) : Account(static_cast<long long>(number)) {}
    /// The same, as `getuid` gives it.
    Account(unsigned number) : Account(static_cast<long long>(number)) {}
    /// Looked up when a program is started.
    Account(std::string name) : value_(std::move(name)) {}
    /// The same.
    Account(const char* name) : value_(std::string(name)) {}
    // NOLINTEND(google-explicit-constructor)

    /// Its number as that of a user.
    /// @throws ValueError  there is no user of this name
    uid_t user() const;
    /// Its number as that of a group.
    /// @throws ValueError  there is no group of this name
    gid_t group() const;

private:
    std::variant<unsigned, std::string> value_;
};

}  // namespace cohort::subprocess
