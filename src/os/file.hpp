// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/os/descriptor.hpp>

#include <sys/types.h>

#include <cstddef>
#include <span>
#include <string>

namespace cohort::os {

/// Opens a file; it is closed on exec.
/// @throws std::system_error naming the path
Descriptor open_file(const char* path, int flags, mode_t mode = 0);

/// /dev/null, for reading and writing.
Descriptor open_null();

/// A second number for the same open file; the caller owns it.
Descriptor duplicate(int descriptor);

/// A new open file, moved to a higher number if it got that of a standard stream, which is free where the program has
/// closed it: what is printed there later must not end up in one of cohort's files.
Descriptor above_standard_streams(Descriptor opened);

/// Reads what there is, at most the buffer's size. 0 at the end of the file.
std::size_t read_some(int descriptor, std::span<std::byte> buffer);

/// Writes all bytes, in several calls where needed.
/// DEATH: a reader may find a part of them.
void write_all(int descriptor, std::span<const std::byte> bytes);

/// Writes all bytes at a place of a file; its file position stays.
void write_all_at(int descriptor, std::span<const std::byte> bytes, std::size_t offset);

/// Closes it on exec, as everything that cohort opens.
void set_close_on_exec(int descriptor);

/// The whole text of a file; for the small ones of /proc and /sys.
std::string read_file(const char* path);

/// @throws std::system_error EBADF: the number stands for no open file of this process
void require_open(int descriptor);

/// Whether the number stands for an open file of this process.
bool is_open(int descriptor) noexcept;

/// Closes these open files, neighbours by one call. The order of the numbers is changed.
void close_all(std::span<int> numbers) noexcept;
/// Closes everything from `first` to `last`.
void close_between(unsigned first, unsigned last) noexcept;

/// Whether calls return EAGAIN instead of waiting. It belongs to the open file: all processes that share it see it.
void set_nonblocking(int descriptor, bool on);

}  // namespace cohort::os
