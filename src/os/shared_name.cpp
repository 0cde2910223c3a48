// SPDX-License-Identifier: MIT
#include "os/shared_name.hpp"

#include "os/file.hpp"
#include "os/system_call.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <limits>

namespace cohort::os {

namespace {

constexpr const char* kFolder = "/dev/shm";  // where the C library's shm_open has them, on every Linux
constexpr mode_t kMode = S_IRUSR | S_IWUSR;

std::string path_of(const std::string& name) {
    return std::string(kFolder) + "/" + name;
}

std::string quoted(const std::string& name) {
    return "'/" + name + "'";  // as Python's errors have it
}

FileIdentity identity(const struct stat& status) noexcept {
    return {status.st_dev, status.st_ino};
}

/// Gives the file its size and its memory in one call.
void reserve(int descriptor, std::size_t bytes) {
    const std::string what = std::to_string(bytes) + " bytes of shared memory";
    rlimit limit{};
    checked("getrlimit", "RLIMIT_FSIZE", [&] { return ::getrlimit(RLIMIT_FSIZE, &limit); });
    const bool over = limit.rlim_cur != RLIM_INFINITY && bytes > limit.rlim_cur;
    if (over || bytes > static_cast<std::size_t>(std::numeric_limits<off_t>::max()))
        throw_error(EFBIG, "fallocate", what);
    checked("fallocate", what, [&] { return ::fallocate(descriptor, 0, 0, static_cast<off_t>(bytes)); });
}

}  // namespace

Descriptor create_nameless_memory(std::size_t bytes) {
    Descriptor memory = above_standard_streams(open_file(kFolder, O_TMPFILE | O_RDWR, kMode));
    reserve(memory.get(), bytes);
    return memory;
}

bool give_shared_name(int descriptor, const std::string& name) {
    // The way without privileges to link a file that has no name.
    const std::string file = "/proc/self/fd/" + std::to_string(descriptor);
    const int result = uninterrupted(
        "linkat", [&] { return ::linkat(AT_FDCWD, file.c_str(), AT_FDCWD, path_of(name).c_str(), AT_SYMLINK_FOLLOW); });
    if (result == 0) return true;
    if (errno == EEXIST) return false;
    throw_error(errno, "linkat", quoted(name));
}

Descriptor open_shared_name(const std::string& name) {
    return above_standard_streams(Descriptor(checked("shm_open", quoted(name), [&] {
        return ::open(path_of(name).c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    })));
}

void remove_shared_name(const std::string& name) {
    checked("shm_unlink", quoted(name), [&] { return ::unlink(path_of(name).c_str()); });
}

FileIdentity identity_of(int descriptor) {
    struct stat status {};
    checked("fstat", descriptor_text(descriptor), [&] { return ::fstat(descriptor, &status); });
    return identity(status);
}

std::optional<FileIdentity> identity_of_shared_name(const std::string& name) noexcept {
    struct stat status {};
    if (system_call("lstat", [&] { return ::lstat(path_of(name).c_str(), &status); }) != 0) return std::nullopt;
    return identity(status);
}

void remove_shared_name_of(const std::string& name, const FileIdentity& file) noexcept {
    if (identity_of_shared_name(name) != file) return;
    system_call("unlink", [&] { return ::unlink(path_of(name).c_str()); });
}

}  // namespace cohort::os
