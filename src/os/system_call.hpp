// SPDX-License-Identifier: MIT
#pragma once

#include "os/fault.hpp"

#include <cerrno>
#include <string>
#include <string_view>

namespace cohort::os {

/// Throws `std::system_error` for `error`, with a text such as `memfd_create 'arena': Cannot allocate memory`.
[[noreturn]] void throw_error(int error, const char* call, std::string_view object = {});

/// What a call returns when it fails: -1, or the pointer with that value (`MAP_FAILED`).
template <class Result>
Result failure() noexcept {
    return (Result)-1;  // NOLINT(performance-no-int-to-ptr): one cast for integers and for pointers
}

/// Makes a system call: the one door to the kernel, where tests stand to make calls fail (see Fault).
/// Safe between fork and exec and in signal handlers. Costs one branch that is never taken.
/// @param name the call's name, as in section 2 of the manual
/// @param make makes the call and returns what it returned, with `errno` set if that is -1
template <class Make>
auto system_call(const char* name, Make&& make) noexcept -> decltype(make()) {
    if (Fault::any()) [[unlikely]] {
        if (int error = Fault::next(name)) {
            errno = error;
            return failure<decltype(make())>();
        }
    }
    return make();
}

/// As system_call(), repeated as long as a signal interrupts it (EINTR).
template <class Make>
auto uninterrupted(const char* name, Make&& make) noexcept -> decltype(make()) {
    for (;;) {
        auto result = system_call(name, make);
        if (result != failure<decltype(result)>() || errno != EINTR) return result;
    }
}

/// As uninterrupted(); a failure is thrown.
/// @param object what the call was made for; it stands in the error's text
/// @throws std::system_error
template <class Make>
auto checked(const char* name, std::string_view object, Make&& make) -> decltype(make()) {
    auto result = uninterrupted(name, make);
    if (result == failure<decltype(result)>()) throw_error(errno, name, object);
    return result;
}

/// `descriptor 7`: how errors name an open file.
std::string descriptor_text(int descriptor);

}  // namespace cohort::os
