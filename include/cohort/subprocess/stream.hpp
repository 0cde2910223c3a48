// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/os/descriptor.hpp>

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace cohort::subprocess {

class Conversation;

/// This process's end of a pipe that is a program's standard input.
///
/// Thread safety: one thread at a time. FORK: the child has a copy of the end, which keeps the program from seeing the
/// end of its input.
class COHORT_API StreamWriter {
public:
    /// Has no pipe: closed.
    StreamWriter() noexcept = default;
    /// Takes the writing end of a pipe.
    explicit StreamWriter(Descriptor pipe) noexcept;

    /// Hands the bytes over to the pipe, all of them; waits while there is no room.
    /// @throws TimeoutError       the time is up; a part may have been handed over
    /// @throws ValueError         it is closed
    /// @throws std::system_error  EPIPE: the program does not read any more. There is no SIGPIPE
    void write(std::string_view bytes, Timeout timeout = forever);

    /// Does nothing: write() holds nothing back. For those who are used to call it.
    void flush() noexcept {}

    /// The program reads the end of its input.
    void close() noexcept { pipe_.reset(); }
    /// Whether it is closed.
    bool closed() const noexcept { return !pipe_; }
    /// The descriptor; it stays this object's. It is non-blocking while a call with a timeout writes.
    /// @throws ValueError  it is closed
    int fileno() const;

private:
    friend class Conversation;

    /// What there is room for; if it is blocking, all.
    std::size_t write_some(std::string_view bytes);
    bool write_until(const Deadline& deadline, std::string_view bytes);
    /// Whoever has the same open file sees it: it is so only while this object writes.
    void set_nonblocking(bool on);

    Descriptor pipe_{};
    bool nonblocking_ = false;
};

/// This process's end of a pipe that is a program's standard output or error.
///
/// Thread safety: one thread at a time. FORK: the child has a copy of the end.
class COHORT_API StreamReader {
public:
    /// How much read() reads: all.
    static constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

    /// Has no pipe: closed.
    StreamReader() noexcept = default;
    /// Takes the reading end of a pipe.
    explicit StreamReader(Descriptor pipe) noexcept;

    /// The next bytes up to the end, or `most` of them.
    /// @throws TimeoutError  the time is up; nothing is lost, the next call has what had come
    /// @throws ValueError    it is closed
    std::string read(std::size_t most = kAll, Timeout timeout = forever);

    /// What has come and was not read yet; waits until there is something. Empty at the end.
    /// @throws TimeoutError  the time is up
    /// @throws ValueError    it is closed
    std::string read_some(Timeout timeout = forever);

    /// The next line, without its newline; empty at the end. The last one may have had none.
    /// @throws TimeoutError  the time is up; nothing is lost, the next call has what had come
    /// @throws ValueError    it is closed
    std::optional<std::string> read_line(Timeout timeout = forever);

    /// Nothing more is read; a program that goes on writing gets SIGPIPE.
    void close() noexcept;
    /// Whether it is closed.
    bool closed() const noexcept { return !pipe_; }
    /// The descriptor; it stays this object's. What this object has read already does not come from it again.
    /// @throws ValueError  it is closed
    int fileno() const;

private:
    friend class Conversation;

    /// Reads once, behind what there is. False at the end.
    bool receive();
    bool receive_until(const Deadline& deadline, const char* call);
    std::size_t available() const noexcept { return buffer_.size() - taken_; }
    std::string take(std::size_t bytes);
    void forget_taken() noexcept;

    Descriptor pipe_{};
    std::string buffer_{};   ///< what has come
    std::size_t taken_ = 0;  ///< so much of it was read
    bool at_end_ = false;
};

}  // namespace cohort::subprocess
