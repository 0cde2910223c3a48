// SPDX-License-Identifier: MIT
#include <cohort/base/type_name.hpp>

#include <cxxabi.h>
#include <cctype>
#include <cstdlib>
#include <memory>

namespace cohort::detail {

namespace {

bool is_word(char letter) noexcept {
    return std::isalnum(static_cast<unsigned char>(letter)) || letter == '_';
}

/// Replaces whole words only: `long int` is none in `prolong int`.
void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos;) {
        std::size_t after = at + from.size();
        bool in_word = (at > 0 && is_word(from.front()) && is_word(text[at - 1])) ||
                       (after < text.size() && is_word(from.back()) && is_word(text[after]));
        if (in_word) {
            at = after;
        } else {
            text.replace(at, from.size(), to);
            at += to.size();
        }
    }
}

/// The place after the bracket that closes the one before `at`.
std::size_t after_closing(std::string_view text, std::size_t at) noexcept {
    for (int depth = 1; at < text.size(); ++at) {
        if (text[at] == '<') ++depth;
        if (text[at] == '>' && --depth == 0) return at + 1;
    }
    return text.size();
}

/// Removes `, std::allocator<…>` and its like wherever they stand.
void remove_default_argument(std::string& text, std::string_view opening) {
    for (std::size_t at = 0; (at = text.find(opening, at)) != std::string::npos;)
        text.erase(at, after_closing(text, at + opening.size()) - at);
}

/// One spelling of spaces: `int*`, `char* const`, `>>`, `void(int)`.
std::string with_even_spaces(std::string_view text) {
    std::string even;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char before = even.empty() ? '\0' : even.back();
        std::string_view rest = text.substr(i);
        if (rest.starts_with(" >") || rest.starts_with(" *") || rest.starts_with(" &")) continue;
        if (is_word(before) && rest.starts_with(" (") && !rest.starts_with(" (*") && !rest.starts_with(" (&") &&
            !rest.starts_with(" (anonymous") && !rest.starts_with(" (lambda"))
            continue;
        if ((before == '*' || before == '&') && is_word(text[i])) even += ' ';
        even += text[i];
    }
    return even;
}

}  // namespace

std::string readable_type_name(std::string_view spelled) {
    std::string name(spelled);
    replace_all(name, "std::__cxx11::", "std::");
    replace_all(name, "std::__1::", "std::");
    replace_all(name, "{anonymous}", "(anonymous namespace)");
    replace_all(name, "long long unsigned int", "unsigned long long");
    replace_all(name, "long unsigned int", "unsigned long");
    replace_all(name, "short unsigned int", "unsigned short");
    replace_all(name, "long long int", "long long");
    replace_all(name, "long int", "long");
    replace_all(name, "short int", "short");
    for (std::string_view argument : {", std::allocator<", ", std::char_traits<", ", std::default_delete<",
                                      ", std::less<", ", std::hash<", ", std::equal_to<"})
        remove_default_argument(name, argument);
    name = with_even_spaces(name);
    replace_all(name, "std::basic_string<char>", "std::string");
    replace_all(name, "std::basic_string_view<char>", "std::string_view");
    return name;
}

std::string demangle(const char* name) {
    int status = 0;
    std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(name, nullptr, nullptr, &status), std::free);
    return status == 0 && text ? readable_type_name(text.get()) : std::string(name);
}

}  // namespace cohort::detail
