// SPDX-License-Identifier: MIT
#include "report/json.hpp"

#include "report/names.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <iomanip>
#include <string>
#include <string_view>

namespace census {

namespace {

using Json = nlohmann::json;

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

// Writes values one after the other, as Json::dump(2) writes them when they are all there: a list of a million files
// would not fit into memory as one value.
class Writer {
public:
    explicit Writer(std::ostream& out) : out_(out) {}

    void begin(char bracket) {
        out_ << bracket;
        ++depth_;
        empty_ = true;
    }
    void end(char bracket) {
        --depth_;
        if (!empty_) break_line();
        out_ << bracket;
        empty_ = false;
    }
    void item() {
        if (!empty_) out_ << ',';
        break_line();
        empty_ = false;
    }
    void key(std::string_view name) {
        item();
        out_ << '"' << name << "\": ";
    }
    void value(std::string_view text) { out_ << with_surrogates(Json(text).dump()); }
    void value(std::uint64_t number) { out_ << number; }
    void member(std::string_view name, const auto& its_value) {
        key(name);
        value(its_value);
    }
    // Calls `write` for each item.
    void list(std::string_view name, const auto& items, auto write) {
        key(name);
        begin('[');
        for (const auto& one : items) {
            item();
            write(one);
        }
        end(']');
    }

private:
    void break_line() { out_ << '\n' << std::setw(2 * depth_) << ""; }

    std::ostream& out_;
    int depth_ = 0;
    bool empty_ = true;  // nothing stands yet in the innermost object or list
};

void write_totals(Writer& out, const Totals& totals) {
    out.member("files", totals.files);
    out.member("bytes", totals.bytes);
    out.member("lines", totals.lines);
    out.member("words", totals.words);
}

void write_extension(Writer& out, const Extension& extension) {
    out.begin('{');
    out.member("extension", marked(extension.name));
    write_totals(out, extension.totals);
    out.end('}');
}

void write_identifier(Writer& out, const Identifier& identifier) {
    out.begin('{');
    out.member("identifier", identifier.name);
    out.member("count", identifier.count);
    out.end('}');
}

void write_group(Writer& out, const Catalogue& files, const Duplicates& group) {
    out.begin('{');
    out.member("sha256", hex(files.facts(group.files.front()).sha256));
    out.member("bytes", group.bytes);
    out.list("files", group.files, [&](FileNumber file) { out.value(marked(files.path(file))); });
    out.end('}');
}

void write_problem(Writer& out, const Problem& problem) {
    out.begin('{');
    out.member("path", marked(problem.path));
    out.member("reason", problem.reason);
    out.end('}');
}

void write_file(Writer& out, const Catalogue& files, FileNumber file) {
    const FileFacts& facts = files.facts(file);
    out.begin('{');
    out.member("path", marked(files.path(file)));
    out.member("bytes", facts.bytes);
    out.member("lines", facts.lines);
    out.member("words", facts.words);
    out.member("sha256", hex(facts.sha256));
    out.end('}');
}

void write_files(Writer& out, const Catalogue& files) {
    out.key("files");
    out.begin('[');
    for (FileNumber file = 0; file < files.size(); ++file) {
        if (!files.facts(file).readable) continue;
        out.item();
        write_file(out, files, file);
    }
    out.end(']');
}

}  // namespace

void write_json(std::ostream& stream, const Summary& summary, bool files) {
    Writer out(stream);
    out.begin('{');
    out.member("directory", marked(summary.directory));
    out.key("totals");
    out.begin('{');
    write_totals(out, summary.totals);
    out.end('}');
    out.list("extensions", summary.extensions, [&](const Extension& one) { write_extension(out, one); });
    out.list("identifiers", summary.identifiers, [&](const Identifier& one) { write_identifier(out, one); });
    out.list("duplicates", summary.duplicates, [&](const Duplicates& one) { write_group(out, summary.files, one); });
    out.member("skipped", summary.skipped);
    out.list("problems", summary.problems, [&](const Problem& one) { write_problem(out, one); });
    if (files) write_files(out, summary.files);
    out.end('}');
    stream << '\n';
}

}  // namespace census
