// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cohort::subprocess {

/// The environment of a program: this process's (the default), another one, or this process's with changes.
///
/// Thread safety: a value. This process's environment is read when a program is started; no other thread may change it
/// meanwhile (`setenv`).
class COHORT_API Environment {
public:
    /// Variables by name.
    using Variables = std::map<std::string, std::string>;
    /// New values by name; empty: there is no such variable.
    using Changes = std::map<std::string, std::optional<std::string>>;

    /// This process's.
    Environment() = default;

    // NOLINTBEGIN(google-explicit-constructor): the value of an option
    /// These variables and no others. A list without any (`{}`) is this process's environment: `Variables{}` is none.
    Environment(std::initializer_list<Variables::value_type> variables) : Environment(Variables(variables)) {}
    /// These variables and no others.
    Environment(Variables variables) : variables_(std::move(variables)) {}
    // NOLINTEND(google-explicit-constructor)

    /// This process's with changes.
    static Environment extend(Changes changes);

    /// Its lines `NAME=value`; empty: this process's.
    /// @throws ValueError  a NUL, an empty name, or a `=` in a name
    std::optional<std::vector<std::string>> lines() const;

    /// The value of a variable in it; empty if there is none.
    std::optional<std::string> find(const std::string& name) const;

private:
    std::optional<Variables> variables_{};
    Changes changes_{};
};

}  // namespace cohort::subprocess
