// SPDX-License-Identifier: MIT
#pragma once

#include "catalogue.hpp"
#include "facts/analysis.hpp"

#include <dirent.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace census {

/// A regular file as the walk saw it.
struct FoundFile {
    FileNumber number = 0;
    std::string path{};
    std::uint64_t size = 0;  ///< in bytes; what is read later may be more or less
};

/// Finds all regular files below a folder, one folder at a time and no sooner than they are asked for. Their order
/// depends on nothing but the names: the files of a folder by name, then its folders by name. Opens folders only.
class Walk {
public:
    /// @param root may itself be a symbolic link to a folder
    /// @param files gets all files; must outlive this
    /// Throws std::system_error when `root` is not a folder that can be read.
    Walk(const std::string& root, Catalogue& files);

    /// The next file; nothing at the end.
    std::optional<FoundFile> next();

    /// Folders and files that could not be looked at, so far.
    const std::vector<Problem>& problems() const noexcept { return problems_; }
    /// How many symbolic links, which are not followed, and things that are neither file nor folder there were so far.
    std::size_t skipped() const noexcept { return skipped_; }

private:
    struct Name {
        std::string name{};
        std::uint64_t size = 0;
    };

    void look_into(const std::string& path, int flags);
    void sort_in(DIR* folder, const dirent& entry);

    Catalogue& files_;
    std::string prefix_;                // the folder of `found_`
    std::vector<Name> found_;           // files that were not returned, the next one at the back
    std::vector<std::string> waiting_;  // folders to look into, the next one at the back
    std::vector<Problem> problems_;
    std::size_t skipped_ = 0;
};

}  // namespace census
