// SPDX-License-Identifier: MIT
#include <cohort/subprocess/command_line.hpp>

#include <cstddef>

namespace cohort::subprocess {

namespace {

/// Python's rules, which are those of Microsoft's C runtime: a backslash is an ordinary letter, unless a row of them
/// ends in front of a double quote.
void append_argument(std::string& line, const std::string& argument) {
    const bool quoted = argument.empty() || argument.find_first_of(" \t") != argument.npos;
    if (quoted) line += '"';
    std::size_t backslashes = 0;
    for (const char letter : argument) {
        if (letter == '\\') {
            ++backslashes;
            continue;
        }
        line.append(letter == '"' ? 2 * backslashes + 1 : backslashes, '\\');
        line += letter;
        backslashes = 0;
    }
    line.append(quoted ? 2 * backslashes : backslashes, '\\');
    if (quoted) line += '"';
}

}  // namespace

std::string list2cmdline(const std::vector<std::string>& args) {
    std::string line;
    for (const std::string& argument : args) {
        if (!line.empty()) line += ' ';
        append_argument(line, argument);
    }
    return line;
}

}  // namespace cohort::subprocess
