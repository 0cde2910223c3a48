// SPDX-License-Identifier: MIT
// What the programs share. The first argument of each is a start method.
#pragma once

#include <cohort/process/process.hpp>

#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace cohort::test {

inline StartMethod method_of(const char* argument) {
    for (const StartMethod method : get_all_start_methods())
        if (to_string(method) == argument) return method;
    throw std::invalid_argument(std::string("no start method: ") + argument);
}

/// Prints past every buffer, in one piece.
inline void say(std::string_view line) {
    const std::string text = std::string(line) + "\n";
    [[maybe_unused]] const auto count = ::write(STDOUT_FILENO, text.data(), text.size());
}

}  // namespace cohort::test
