// SPDX-License-Identifier: MIT
#include "catalogue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace census {

void Catalogue::enter(std::string prefix) {
    if (!folders_.empty()) {
        folders_.back().names.shrink_to_fit();
        if (folders_.back().names.empty()) folders_.pop_back();
    }
    folders_.push_back({.prefix = std::move(prefix), .first = static_cast<FileNumber>(size())});
}

FileNumber Catalogue::add(std::string_view name) {
    const auto number = static_cast<FileNumber>(size());
    std::string& names = folders_.back().names;
    names += name;
    ends_.push_back(static_cast<std::uint32_t>(names.size()));
    facts_.emplace_back();
    return number;
}

std::string Catalogue::path(FileNumber file) const {
    const Folder& folder = *std::prev(std::ranges::upper_bound(folders_, file, {}, &Folder::first));
    const std::uint32_t begin = file == folder.first ? 0 : ends_[file - 1];
    return folder.prefix + folder.names.substr(begin, ends_[file] - begin);
}

}  // namespace census
