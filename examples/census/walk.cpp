// SPDX-License-Identifier: MIT
#include "walk.hpp"

#include <cohort/os/descriptor.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

namespace census {

namespace {

struct Close {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, Close>;

std::system_error failure(const char* call) {
    return {errno, std::generic_category(), call};
}

Folder open_folder(const std::string& path, int flags) {
    cohort::Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags));
    if (!descriptor) throw failure("open");
    Folder folder(::fdopendir(descriptor.get()));
    if (!folder) throw failure("fdopendir");
    (void)descriptor.release();  // the folder owns it now
    return folder;
}

// The next entry; nullptr at the end.
const dirent* next_entry(DIR* folder) {
    errno = 0;
    const dirent* entry = ::readdir(folder);  // NOLINT(concurrency-mt-unsafe): it is, for a folder of one thread
    if (!entry && errno != 0) throw failure("readdir");
    return entry;
}

bool is_dots(const char* name) noexcept {
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

class Walk {
public:
    explicit Walk(const std::string& root) { look_into(root, 0); }

    // Depth first, with a stack of our own and one open folder at a time: a tree may be as deep as it likes.
    Tree run() && {
        while (!waiting_.empty()) {
            const std::string path = std::move(waiting_.back());
            waiting_.pop_back();
            try {
                look_into(path, O_NOFOLLOW);
            } catch (const std::system_error& error) {
                tree_.problems.push_back({.path = path, .reason = error.what()});
            }
        }
        return std::move(tree_);
    }

private:
    void look_into(const std::string& path, int flags) {
        const std::size_t files = tree_.files.size(), folders = waiting_.size();
        const std::string prefix = path.ends_with('/') ? path : path + '/';
        const Folder folder = open_folder(path, flags);
        while (const dirent* entry = next_entry(folder.get()))
            if (!is_dots(entry->d_name)) sort_in(folder.get(), prefix, *entry);
        std::ranges::sort(tree_.files.begin() + std::ptrdiff_t(files), tree_.files.end(), {}, &FoundFile::path);
        std::ranges::sort(waiting_.begin() + std::ptrdiff_t(folders), waiting_.end(), std::ranges::greater());
    }

    void sort_in(DIR* folder, const std::string& prefix, const dirent& entry) {
        const std::string path = prefix + entry.d_name;
        struct stat status {};
        unsigned char type = entry.d_type;
        if (type == DT_REG || type == DT_UNKNOWN) {  // unknown: the file system does not keep types with names
            if (::fstatat(::dirfd(folder), entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
                tree_.problems.push_back({.path = path, .reason = failure("fstatat").what()});
                return;
            }
            type = static_cast<unsigned char>(IFTODT(status.st_mode));
        }
        if (type == DT_DIR)
            waiting_.push_back(path);
        else if (type == DT_REG)
            tree_.files.push_back({.path = path, .size = static_cast<std::uint64_t>(status.st_size)});
        else
            ++tree_.skipped;
    }

    Tree tree_;
    std::vector<std::string> waiting_;  // folders to look into, the next one at the back
};

}  // namespace

Tree walk(const std::string& root) {
    return Walk(root).run();
}

}  // namespace census
