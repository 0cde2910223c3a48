// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <system_error>

namespace cohort::test {

/// The text of the `std::system_error` with this errno that the call throws; empty if it throws nothing. Another
/// exception leaves the function: it says more about what went wrong than a comparison.
template <class Call>
std::string error_text(int expected, const Call& call) {
    try {
        call();
    } catch (const std::system_error& error) {
        if (error.code().value() != expected) throw;
        return error.what();
    }
    return {};
}

/// The text of the exception of this type that the call throws; empty if it throws nothing.
template <class Error, class Call>
std::string error_text(const Call& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

}  // namespace cohort::test
