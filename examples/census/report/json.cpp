// SPDX-License-Identifier: MIT
#include "report/json.hpp"

#include "report/names.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace census {

namespace {

using Json = nlohmann::ordered_json;

// The writer of JSON takes UTF-8 only. A byte that is none becomes NUL and two hexadecimal digits here (NUL is the one
// character that no name has), and a surrogate in with_surrogates().
std::string marked(std::string_view name) {
    std::string text;
    while (!name.empty()) {
        const std::size_t length = utf8_length(name);
        const auto byte = static_cast<std::uint8_t>(name[0]);
        if (length == 0)
            text += '\0' + hex({&byte, 1});
        else
            text += name.substr(0, length);
        name.remove_prefix(std::max<std::size_t>(1, length));
    }
    return text;
}

// Makes the marks, which were written as \u0000NN, \udcNN.
std::string with_surrogates(const std::string& json) {
    constexpr std::string_view kMark = "\\u0000";
    std::string text;
    std::size_t done = 0;
    for (std::size_t at = 0; (at = json.find('\\', at)) != std::string::npos; at += 2) {  // also past `\\`
        if (json.compare(at, kMark.size(), kMark) != 0) continue;
        text.append(json, done, at - done) += "\\udc";
        done = at + kMark.size();
    }
    return text.append(json, done);
}

Json to_json(const Totals& totals) {
    return {{"files", totals.files}, {"bytes", totals.bytes}, {"lines", totals.lines}, {"words", totals.words}};
}

Json to_json(const Extension& extension) {
    Json json = {{"extension", marked(extension.name)}};
    json.update(to_json(extension.totals));
    return json;
}

Json to_json(const Identifier& identifier) {
    return {{"identifier", identifier.name}, {"count", identifier.count}};
}

Json to_json(const Duplicates& group) {
    Json files = Json::array();
    for (const std::string& path : group.paths) files.push_back(marked(path));
    return {{"sha256", hex(group.sha256)}, {"bytes", group.bytes}, {"files", files}};
}

Json to_json(const Problem& problem) {
    return {{"path", marked(problem.path)}, {"reason", problem.reason}};
}

Json to_json(const FileRecord& file) {
    return {{"path", marked(file.path)},
            {"bytes", file.facts.bytes},
            {"lines", file.facts.lines},
            {"words", file.facts.words},
            {"sha256", hex(file.facts.sha256)}};
}

template <class Item>
Json to_json(const std::vector<Item>& items) {
    Json json = Json::array();
    for (const Item& item : items) json.push_back(to_json(item));
    return json;
}

}  // namespace

void write_json(std::ostream& out, const Summary& summary, bool files) {
    Json json = {{"directory", marked(summary.directory)},    {"totals", to_json(summary.totals)},
                 {"extensions", to_json(summary.extensions)}, {"identifiers", to_json(summary.identifiers)},
                 {"duplicates", to_json(summary.duplicates)}, {"skipped", summary.skipped},
                 {"problems", to_json(summary.problems)}};
    if (files) json["files"] = to_json(summary.files);
    out << with_surrogates(json.dump(2)) << '\n';
}

}  // namespace census
