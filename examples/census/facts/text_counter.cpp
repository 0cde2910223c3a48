// SPDX-License-Identifier: MIT
#include "facts/text_counter.hpp"

#include <algorithm>
#include <array>

namespace census {

namespace {

constexpr std::size_t kLongestIdentifier = 255;

// What a byte is, whatever the locale of this process.
enum Kind : std::uint8_t {
    kOther = 0,  // neither begins nor ends a word
    kSpace = 1,
    kPrintable = 2,
    kName = 4,  // a letter, a digit or '_'
    kDigit = 8,
};

constexpr std::array<std::uint8_t, 256> make_kinds() {
    std::array<std::uint8_t, 256> kinds{};
    for (int c = '!'; c <= '~'; ++c) kinds[std::size_t(c)] = kPrintable;
    for (int c = '\t'; c <= '\r'; ++c) kinds[std::size_t(c)] = kSpace;
    kinds[' '] = kSpace;
    for (int c = 'a'; c <= 'z'; ++c) kinds[std::size_t(c)] |= kName;
    for (int c = 'A'; c <= 'Z'; ++c) kinds[std::size_t(c)] |= kName;
    for (int c = '0'; c <= '9'; ++c) kinds[std::size_t(c)] |= kName | kDigit;
    kinds['_'] |= kName;
    return kinds;
}

constexpr std::array<std::uint8_t, 256> kKinds = make_kinds();

std::uint8_t kind(char c) noexcept {
    return kKinds[static_cast<unsigned char>(c)];
}

const char* end_of_run(const char* at, const char* end) noexcept {
    while (at != end && (kind(*at) & kName)) ++at;
    return at;
}

}  // namespace

void TextCounter::feed(std::string_view chunk) {
    if (identifiers_)
        feed_text(chunk);
    else
        feed_data(chunk);
}

void TextCounter::feed_text(std::string_view chunk) {
    const char* end = chunk.data() + chunk.size();
    const char* at = run_.empty() ? chunk.data() : continue_run(chunk.data(), end);
    while (at != end) {
        const std::uint8_t what = kind(*at);
        if (what & kName) {
            begin_word();
            const char* stop = end_of_run(at, end);
            if (stop == end)
                run_.assign(at, stop);
            else
                count_run({at, static_cast<std::size_t>(stop - at)});
            at = stop;
            continue;
        }
        if (what & kSpace) {
            in_word_ = false;
            lines_ += *at == '\n';
        } else if (what & kPrintable) {
            begin_word();
        }
        ++at;
    }
}

// Data has no pattern that a processor could foresee, so this loop has no branches.
void TextCounter::feed_data(std::string_view chunk) {
    lines_ += static_cast<std::uint64_t>(std::count(chunk.begin(), chunk.end(), '\n'));
    bool in_word = in_word_;
    std::uint64_t words = 0;
    for (char c : chunk) {
        const std::uint8_t what = kind(c);
        const bool printable = what & kPrintable;
        words += printable & !in_word;
        in_word = (in_word | printable) & !(what & kSpace);
    }
    words_ += words;
    in_word_ = in_word;
}

void TextCounter::begin_word() noexcept {
    words_ += !in_word_;
    in_word_ = true;
}

void TextCounter::count_run(std::string_view run) {
    if ((kind(run.front()) & kDigit) || run.size() > kLongestIdentifier) return;
    identifiers_->add(run);
}

const char* TextCounter::continue_run(const char* at, const char* end) {
    const char* stop = end_of_run(at, end);
    if (run_.size() <= kLongestIdentifier) run_.append(at, stop);  // longer ones only have to stay too long
    if (stop != end) end_run();
    return stop;
}

void TextCounter::end_run() {
    if (!run_.empty()) count_run(run_);
    run_.clear();
}

}  // namespace census
