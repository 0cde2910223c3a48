// SPDX-License-Identifier: MIT
#include "search.hpp"

#include <cohort/cohort.hpp>

#include <array>
#include <cerrno>
#include <fstream>
#include <string_view>
#include <system_error>

namespace grep {

namespace {

constexpr std::string_view kSpecial = R"(\^$.|?*+()[]{})";

std::string escaped(const std::string& text) {
    std::string result;
    for (const char each : text) {
        if (kSpecial.find(each) != std::string_view::npos) result += '\\';
        result += each;
    }
    return result;
}

/// Whether there is a NUL among the first bytes. Goes back to the beginning.
bool is_binary(std::ifstream& file) {
    std::array<char, 8000> head{};
    file.read(head.data(), head.size());
    const std::string_view bytes(head.data(), static_cast<std::size_t>(file.gcount()));
    file.clear();
    file.seekg(0);
    return bytes.find('\0') != std::string_view::npos;
}

}  // namespace

Matcher::Matcher(const Query& query) {
    const bool plain = query.fixed || query.pattern.find_first_of(kSpecial) == std::string::npos;
    if (plain && !query.ignore_case) {
        text_ = query.pattern;
        return;
    }
    auto flags = std::regex::ECMAScript | std::regex::optimize;
    if (query.ignore_case) flags |= std::regex::icase;
    expression_.assign(plain ? escaped(query.pattern) : query.pattern, flags);
}

bool Matcher::operator()(const std::string& line) const {
    return text_ ? line.find(*text_) != std::string::npos : std::regex_search(line, expression_);
}

// [search]
Found search(const Query& query, const std::string& path) {
    const auto& matches = cohort::worker_state<Matcher>(query);  // compiled once in each worker
    std::ifstream file(path, std::ios::binary);
    if (!file || file.peek() == std::ifstream::traits_type::eof()) {
        if (file.eof()) return {};
        throw std::system_error(errno, std::generic_category());
    }
    file.exceptions(std::ios::badbit);  // what goes wrong later, and that there is no memory for a line

    Found found{.binary = is_binary(file), .lines = {}};
    const std::size_t most = found.binary ? 1 : query.max_count;
    std::string line;
    for (std::size_t number = 1; std::getline(file, line); ++number) {
        if (!matches(line)) continue;
        found.lines.push_back({number, line});
        if (found.lines.size() == most) break;
    }
    return found;
}
// [/search]

}  // namespace grep
