// SPDX-License-Identifier: MIT
#include "report/reduction.hpp"

#include "report/top_identifiers.hpp"

#include <algorithm>
#include <iterator>
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

// The files that could be read: those of equal content stand together, in the order of the tree.
std::vector<FileNumber> by_content(const Catalogue& files) {
    std::vector<FileNumber> order;
    order.reserve(files.size());
    for (FileNumber file = 0; file < files.size(); ++file)
        if (files.facts(file).readable) order.push_back(file);
    std::ranges::sort(order, [&](FileNumber a, FileNumber b) {
        const auto content = files.facts(a).sha256 <=> files.facts(b).sha256;
        return content != 0 ? content < 0 : a < b;
    });
    return order;
}

std::vector<Duplicates> duplicates(const Catalogue& files, const std::vector<FileNumber>& order) {
    std::vector<Duplicates> groups;
    for (auto begin = order.begin(); begin != order.end();) {
        const FileFacts& facts = files.facts(*begin);
        const auto end =
            std::find_if(begin, order.end(), [&](FileNumber file) { return files.facts(file).sha256 != facts.sha256; });
        if (end - begin > 1) groups.push_back({.files = {begin, end}, .bytes = facts.bytes});
        begin = end;
    }
    std::ranges::sort(groups, [&](const Duplicates& a, const Duplicates& b) {
        if (a.spare_bytes() != b.spare_bytes()) return a.spare_bytes() > b.spare_bytes();
        return files.path(a.files.front()) < files.path(b.files.front());
    });
    return groups;
}

}  // namespace

void Totals::add(const FileFacts& file) noexcept {
    ++files;
    bytes += file.bytes;
    lines += file.lines;
    words += file.words;
}

void Reduction::add(BatchFacts batch) {
    auto number = static_cast<FileNumber>(batch.first);
    for (const FileFacts& facts : batch.files) add_file(number++, facts);
    std::ranges::move(batch.problems, std::back_inserter(problems_));
    keep(std::move(batch.identifiers));
}

void Reduction::add_file(FileNumber number, const FileFacts& facts) {
    files_.facts(number) = facts;
    if (!facts.readable) return;
    const std::string path = files_.path(number);
    const std::string_view extension = extension_of(path);
    const auto found = extensions_.find(extension);
    Totals& totals = found != extensions_.end() ? found->second : extensions_[std::string(extension)];
    totals.add(facts);
}

void Reduction::keep(IdentifierCounts identifiers) {
    names_ += identifiers.entries.size();
    identifiers_.push_back(std::move(identifiers));
    if (names_ <= merge_at_) return;
    identifiers_ = {merged(identifiers_)};
    names_ = identifiers_.front().entries.size();
    merge_at_ = std::max(kMostNames, 2 * names_);
}

std::vector<Extension> Reduction::extensions() const {
    std::vector<Extension> extensions;
    extensions.reserve(extensions_.size());
    for (const auto& [name, totals] : extensions_) extensions.push_back({.name = name, .totals = totals});
    std::ranges::stable_sort(extensions, std::ranges::greater(), [](const Extension& e) { return e.totals.bytes; });
    return extensions;
}

Summary Reduction::finish(const std::string& directory, const Walk& walk, std::size_t identifiers) && {
    Summary summary{.directory = directory,
                    .files = files_,
                    .extensions = extensions(),
                    .identifiers = top_identifiers(identifiers_, identifiers),
                    .problems = walk.problems(),
                    .skipped = walk.skipped()};
    identifiers_ = {};  // no longer needed, and as large as all of the rest may be
    summary.by_content = by_content(files_);
    for (const FileNumber file : summary.by_content) summary.totals.add(files_.facts(file));
    summary.duplicates = duplicates(files_, summary.by_content);
    std::ranges::move(problems_, std::back_inserter(summary.problems));
    std::ranges::stable_sort(summary.problems, {}, &Problem::path);
    return summary;
}

}  // namespace census
