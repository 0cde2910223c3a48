// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace cohort::detail {

/// Whether bytes above ASCII stand for letters, as in a str of Python, or for numbers, as in its bytes.
enum class AboveAscii { shown, escaped };

/// A text as Python's repr shows it: in single quotes, in double ones if that saves a backslash.
std::string text_repr(std::string_view text, AboveAscii above_ascii = AboveAscii::shown);

}  // namespace cohort::detail
