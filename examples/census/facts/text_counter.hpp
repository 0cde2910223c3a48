// SPDX-License-Identifier: MIT
#pragma once

#include "facts/identifier_counter.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace census {

/// Counts lines, words and identifiers of one file in one pass; the file arrives in chunks that may end anywhere.
///
/// - A line is a newline character, as for `wc -l`.
/// - A word is what `wc -w` calls one in the C locale: between white space, with at least one printable ASCII
/// character.
/// - An identifier is a run of ASCII letters, digits and `_` that does not begin with a digit, in code, strings and
///   comments alike. Runs of more than 255 characters are data and not counted.
class TextCounter {
public:
    /// @param identifiers where identifiers are counted; nullptr when they are not wanted
    explicit TextCounter(IdentifierCounter* identifiers) noexcept : identifiers_(identifiers) {}

    void feed(std::string_view chunk);
    /// Must follow the last chunk: only now is its last identifier known to be complete.
    void finish() { end_run(); }

    std::uint64_t lines() const noexcept { return lines_; }
    std::uint64_t words() const noexcept { return words_; }

private:
    void feed_text(std::string_view chunk);
    void feed_data(std::string_view chunk);
    void begin_word() noexcept;
    void count_run(std::string_view run);
    const char* continue_run(const char* at, const char* end);
    void end_run();

    IdentifierCounter* identifiers_;
    std::uint64_t lines_ = 0;
    std::uint64_t words_ = 0;
    bool in_word_ = false;
    std::string run_;  // the run that the last chunk ended in
};

}  // namespace census
