// SPDX-License-Identifier: MIT
#include "report/table.hpp"

#include "report/names.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <iomanip>
#include <span>
#include <sstream>
#include <string>
#include <vector>

namespace census {

namespace {

constexpr int kNumber = 15;               // the width of a column of numbers
constexpr std::size_t kPathsOfGroup = 2;  // of a group of duplicates

// 1234567 as `1,234,567`.
std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
    return text;
}

// 1536 as `1.5 KiB`.
std::string size_text(std::uint64_t bytes) {
    constexpr std::array kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) return std::to_string(bytes) + " B  ";
    double size = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    for (; size >= 1023.95; ++unit) size /= 1024;
    std::ostringstream text;
    text << std::fixed << std::setprecision(1) << size << ' ' << kUnits[unit];
    return text.str();
}

template <class Item>
std::span<const Item> first(const std::vector<Item>& items, std::size_t count) {
    return std::span(items).first(std::min(count, items.size()));
}

// Columns of numbers, aligned to the right, and a name.
void write_row(std::ostream& out, std::initializer_list<std::string> numbers, const std::string& name) {
    for (const std::string& number : numbers) out << std::setw(kNumber) << number;
    out << "  " << name << '\n';
}

void write_totals(std::ostream& out, const Totals& totals, const std::string& name) {
    write_row(out, {grouped(totals.files), size_text(totals.bytes), grouped(totals.lines), grouped(totals.words)},
              name);
}

std::string left_out(std::size_t count) {
    return "... and " + grouped(count) + " more";
}

void write_extensions(std::ostream& out, const Summary& summary, std::size_t rows) {
    write_row(out, {"files", "size", "lines", "words"}, "extension");
    for (const Extension& extension : first(summary.extensions, rows))
        write_totals(out, extension.totals, extension.name.empty() ? "(none)" : readable(extension.name));
    if (summary.extensions.size() > rows) write_row(out, {"", "", "", ""}, left_out(summary.extensions.size() - rows));
    write_totals(out, summary.totals, "total");
}

void write_identifiers(std::ostream& out, const Summary& summary, std::size_t rows) {
    if (summary.identifiers.empty()) return;
    out << '\n';
    write_row(out, {"count"}, "identifier");
    for (const Identifier& identifier : first(summary.identifiers, rows))
        write_row(out, {grouped(identifier.count)}, identifier.name);
}

void write_group(std::ostream& out, const Catalogue& files, const Duplicates& group) {
    const auto shown = group.files.first(std::min(kPathsOfGroup, group.files.size()));
    write_row(out, {grouped(group.files.size()), size_text(group.bytes), size_text(group.spare_bytes())},
              readable(files.path(shown.front())));
    for (const FileNumber file : shown.subspan(1)) write_row(out, {"", "", ""}, readable(files.path(file)));
    if (group.files.size() > shown.size()) write_row(out, {"", "", ""}, left_out(group.files.size() - shown.size()));
}

void write_duplicates(std::ostream& out, const Summary& summary, std::size_t rows) {
    if (summary.duplicates.empty()) return;
    out << '\n';
    write_row(out, {"copies", "size of each", "to spare"}, "files of equal content");
    for (const Duplicates& group : first(summary.duplicates, rows)) write_group(out, summary.files, group);
    if (summary.duplicates.size() > rows)
        write_row(out, {"", "", ""}, left_out(summary.duplicates.size() - rows) + " groups");
}

}  // namespace

void write_tables(std::ostream& out, const Summary& summary, std::size_t rows) {
    out << "census of " << readable(summary.directory) << "\n\n";
    write_extensions(out, summary, rows);
    write_identifiers(out, summary, rows);
    write_duplicates(out, summary, rows);
}

}  // namespace census
