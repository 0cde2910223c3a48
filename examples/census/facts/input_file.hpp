// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/os/descriptor.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace census {

/// A regular file that is read from begin to end, as it was when it was opened: what is appended later is not read, so
/// a log that is being written has an end.
class InputFile {
public:
    /// Neither follows a symbolic link nor waits for the other end of a fifo, whatever took the file's place since the
    /// walk. Throws std::runtime_error (a std::system_error where a call failed) when there is no regular file to read.
    explicit InputFile(const std::string& path);

    /// As much is read of a file that tells no size: some of the kernel's have no end.
    static constexpr std::uint64_t kMostOfUnknownSize = std::uint64_t{16} * 1024 * 1024;

    /// In bytes; 0 for files of the kernel (/proc, /sys), which have content all the same.
    std::uint64_t size() const noexcept { return size_; }

    /// The next bytes, read into `buffer`: a full buffer but for the last time, nothing at the end.
    /// Throws std::system_error.
    std::string_view read(std::span<char> buffer);

private:
    cohort::Descriptor descriptor_;
    std::uint64_t size_ = 0;
    std::uint64_t left_ = 0;
};

}  // namespace census
