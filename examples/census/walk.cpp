// SPDX-License-Identifier: MIT
#include "walk.hpp"

#include <cohort/os/descriptor.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <exception>
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

}  // namespace

Walk::Walk(const std::string& root, Catalogue& files) : files_(files) {
    look_into(root, 0);
}

// Depth first, with a stack of our own and one open folder at a time: a tree may be as deep as it likes.
std::optional<FoundFile> Walk::next() {
    while (found_.empty()) {
        if (waiting_.empty()) return std::nullopt;
        const std::string path = std::move(waiting_.back());
        waiting_.pop_back();
        try {
            look_into(path, O_NOFOLLOW);
        } catch (const std::system_error& error) {
            problems_.push_back({.path = path, .reason = error.what()});
        }
    }
    const Name next = std::move(found_.back());
    found_.pop_back();
    return FoundFile{.number = files_.add(next.name), .path = prefix_ + next.name, .size = next.size};
}

void Walk::look_into(const std::string& path, int flags) {
    const std::size_t folders = waiting_.size();
    const Folder folder = open_folder(path, flags);
    prefix_ = path.ends_with('/') ? path : path + '/';
    files_.enter(prefix_);
    std::exception_ptr failed;  // what was found until then counts
    try {
        while (const dirent* entry = next_entry(folder.get()))
            if (!is_dots(entry->d_name)) sort_in(folder.get(), *entry);
    } catch (const std::system_error&) {
        failed = std::current_exception();
    }
    std::ranges::sort(found_, std::ranges::greater(), &Name::name);
    std::ranges::sort(waiting_.begin() + std::ptrdiff_t(folders), waiting_.end(), std::ranges::greater());
    if (failed) std::rethrow_exception(failed);
}

void Walk::sort_in(DIR* folder, const dirent& entry) {
    struct stat status {};
    unsigned char type = entry.d_type;
    if (type == DT_REG || type == DT_UNKNOWN) {  // unknown: the file system does not keep types with names
        if (::fstatat(::dirfd(folder), entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            problems_.push_back({.path = prefix_ + entry.d_name, .reason = failure("fstatat").what()});
            return;
        }
        type = static_cast<unsigned char>(IFTODT(status.st_mode));
    }
    if (type == DT_DIR)
        waiting_.push_back(prefix_ + entry.d_name);
    else if (type == DT_REG)
        found_.push_back({.name = entry.d_name, .size = static_cast<std::uint64_t>(status.st_size)});
    else
        ++skipped_;
}

}  // namespace census
