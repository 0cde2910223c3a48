// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/os/descriptor.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <utility>

namespace cohort::os {

/// The two ends of a pipe.
struct PipeEnds {
    Descriptor read;
    Descriptor write;
};

/// A new pipe. Packets of up to PIPE_BUF (4096) bytes are written whole.
PipeEnds make_pipe();

/// Opens the reading end of a pipe of which this process has only the writing one: a new open file, with locks of its
/// own.
/// @throws std::system_error
Descriptor open_reading_end(int writing_end);

/// What the descriptor can read next, at most the buffer's size, without the C library's memory and exceptions.
/// @returns how many bytes; 0 at the end, -1 after an error
std::ptrdiff_t read_plainly(int descriptor, std::span<std::byte> buffer) noexcept;

/// Reads what there is, at most the buffer's size; waits until there is something, also where the pipe is non-blocking.
/// @returns how many bytes; 0 at the end
std::size_t read_some_waiting(int descriptor, std::span<std::byte> buffer);

/// Writes what there is room for; a pipe that nobody can read any more gives an error, but no SIGPIPE.
/// @param descriptor non-blocking, if the call is not to wait for room
/// @returns how many bytes; empty if there is no room
/// @throws std::system_error EPIPE: nobody can read it
std::optional<std::size_t> write_some(int descriptor, std::span<const std::byte> bytes);

/// Has a pipe hold so many bytes, rounded up as the kernel likes.
/// @throws std::system_error EPERM: more than /proc/sys/fs/pipe-max-size
void set_pipe_size(int descriptor, std::size_t bytes);

/// Waits until all writing ends of a pipe are closed, and takes what comes until then.
void wait_for_end(int reading_end) noexcept;

/// From now on the descriptor is closed in programs that this process executes.
/// @throws std::system_error
void close_on_exec(int descriptor);

/// Locks an open file for whoever has it: it stays locked until all its descriptors are closed, in every process.
/// @returns false if another open file of the same pipe or file has the lock
bool try_lock_open_file(int descriptor);

/// Keeps other processes out as long as it lives; not other threads. Other processes need a descriptor of the same pipe
/// or file.
///
/// DEATH: the kernel unlocks. FORK: the child does not have the lock.
class [[nodiscard]] ProcessLock {
public:
    /// Waits for the lock.
    /// @param descriptor open for writing; closing any descriptor of the same file unlocks
    explicit ProcessLock(int descriptor);
    ~ProcessLock();
    ProcessLock(const ProcessLock&) = delete;
    ProcessLock& operator=(const ProcessLock&) = delete;

private:
    int descriptor_;
};

}  // namespace cohort::os
