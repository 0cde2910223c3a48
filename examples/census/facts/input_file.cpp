// SPDX-License-Identifier: MIT
#include "facts/input_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace census {

namespace {

std::system_error failure(const char* step) {
    return {errno, std::generic_category(), step};
}

}  // namespace

InputFile::InputFile(const std::string& path)
    : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK)) {
    if (!descriptor_) throw failure("open");
    struct stat status {};
    if (::fstat(descriptor_.get(), &status) != 0) throw failure("fstat");
    if (!S_ISREG(status.st_mode)) throw std::runtime_error("no longer a regular file");
    size_ = static_cast<std::uint64_t>(status.st_size);
    left_ = size_ > 0 ? size_ : kMostOfUnknownSize;
}

std::string_view InputFile::read(std::span<char> buffer) {
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), left_));
    std::size_t size = 0;
    while (size < wanted) {
        const ssize_t got = ::read(descriptor_.get(), buffer.data() + size, wanted - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw failure("read");
        if (got == 0) {
            left_ = size;
            break;
        }
        size += static_cast<std::size_t>(got);
    }
    left_ -= size;
    return {buffer.data(), size};
}

}  // namespace census
