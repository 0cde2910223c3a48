// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <regex>
#include <string>
#include <vector>

namespace grep {

/// What is looked for; sent to the workers.
struct Query {
    std::string pattern;
    bool fixed = false;  ///< a text, no regular expression
    bool ignore_case = false;
    std::size_t max_count = 0;  ///< stop after so many lines of a file; 0: read all
};

struct Line {
    std::size_t number = 0;
    std::string text;
};

/// What a file has; sent back.
struct Found {
    bool binary = false;  ///< no text: one line at most, for that it matches
    std::vector<Line> lines;
};

/// A query that is ready to be used.
class Matcher {
public:
    /// @throws std::regex_error  the pattern is no regular expression
    explicit Matcher(const Query& query);
    bool operator()(const std::string& line) const;

private:
    std::optional<std::string> text_{};  ///< looked for as it is, which is quicker
    std::regex expression_{};
};

/// The lines of a file that match. A task for a pool.
/// @throws std::system_error  it cannot be read
Found search(const Query& query, const std::string& path);

}  // namespace grep
