// SPDX-License-Identifier: MIT
#include "report/summary.hpp"

#include "report/top_identifiers.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

namespace census {

namespace {

std::string_view extension_of(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const auto dot = name.rfind('.');
    const bool has_one = dot != std::string_view::npos && dot != 0 && dot + 1 != name.size();
    return has_one ? name.substr(dot) : std::string_view();
}

std::vector<FileRecord> readable_files(std::vector<FoundFile> files, const std::vector<BatchFacts>& batches) {
    std::vector<FileFacts> facts(files.size());
    for (const BatchFacts& batch : batches) std::ranges::copy(batch.files, facts.begin() + std::ptrdiff_t(batch.first));
    std::vector<FileRecord> records;
    for (std::size_t i = 0; i < files.size(); ++i)
        if (facts[i].readable) records.push_back({.path = std::move(files[i].path), .facts = facts[i]});
    return records;
}

std::vector<Problem> all_problems(std::vector<Problem> problems, const std::vector<BatchFacts>& batches) {
    for (const BatchFacts& batch : batches) std::ranges::copy(batch.problems, std::back_inserter(problems));
    std::ranges::stable_sort(problems, {}, &Problem::path);
    return problems;
}

std::vector<Extension> by_extension(const std::vector<FileRecord>& files) {
    std::map<std::string_view, Totals> totals;
    for (const FileRecord& file : files) totals[extension_of(file.path)].add(file.facts);
    std::vector<Extension> extensions;
    extensions.reserve(totals.size());
    for (const auto& [name, sums] : totals) extensions.push_back({.name = std::string(name), .totals = sums});
    std::ranges::stable_sort(extensions, std::ranges::greater(), [](const Extension& e) { return e.totals.bytes; });
    return extensions;
}

// The groups in the order of their digests, the files of each in the order of the tree.
std::vector<std::vector<const FileRecord*>> by_digest(const std::vector<FileRecord>& files) {
    const auto digest = [](const FileRecord* file) -> const Sha256& { return file->facts.sha256; };
    std::vector<const FileRecord*> order;
    order.reserve(files.size());
    for (const FileRecord& file : files) order.push_back(&file);
    std::ranges::stable_sort(order, {}, digest);
    std::vector<std::vector<const FileRecord*>> groups;
    for (auto begin = order.begin(); begin != order.end();) {
        const auto end = std::ranges::upper_bound(begin, order.end(), digest(*begin), {}, digest);
        groups.emplace_back(begin, end);
        begin = end;
    }
    return groups;
}

std::vector<Duplicates> duplicate_files(const std::vector<FileRecord>& files) {
    std::vector<Duplicates> duplicates;
    for (const auto& group : by_digest(files)) {
        if (group.size() < 2) continue;
        const FileFacts& facts = group.front()->facts;
        auto& paths = duplicates.emplace_back(Duplicates{.sha256 = facts.sha256, .bytes = facts.bytes}).paths;
        for (const FileRecord* file : group) paths.push_back(file->path);
    }
    std::ranges::sort(duplicates, [](const Duplicates& a, const Duplicates& b) {
        if (a.spare_bytes() != b.spare_bytes()) return a.spare_bytes() > b.spare_bytes();
        return a.paths.front() < b.paths.front();
    });
    return duplicates;
}

}  // namespace

void Totals::add(const FileFacts& file) noexcept {
    ++files;
    bytes += file.bytes;
    lines += file.lines;
    words += file.words;
}

Summary summarise(const std::string& directory, Tree tree, const std::vector<BatchFacts>& batches,
                  std::size_t identifiers) {
    Summary summary{.directory = directory,
                    .files = readable_files(std::move(tree.files), batches),
                    .identifiers = top_identifiers(batches, identifiers),
                    .problems = all_problems(std::move(tree.problems), batches),
                    .skipped = tree.skipped};
    for (const FileRecord& file : summary.files) summary.totals.add(file.facts);
    summary.extensions = by_extension(summary.files);
    summary.duplicates = duplicate_files(summary.files);
    return summary;
}

}  // namespace census
