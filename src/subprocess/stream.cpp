// SPDX-License-Identifier: MIT
#include <cohort/subprocess/stream.hpp>

#include <cohort/base/errors.hpp>

#include "os/file.hpp"
#include "os/pipe.hpp"
#include "os/poll.hpp"
#include "subprocess/growing_text.hpp"

#include <array>
#include <cerrno>
#include <span>
#include <system_error>
#include <utility>

namespace cohort::subprocess {

namespace {

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;  // what a pipe holds, unless it was told otherwise

int open_number(const Descriptor& pipe) {
    if (!pipe) throw ValueError("the stream of a program is closed");
    return pipe.get();
}

}  // namespace

StreamWriter::StreamWriter(Descriptor pipe) noexcept : pipe_(std::move(pipe)) {}

int StreamWriter::fileno() const {
    return open_number(pipe_);
}

std::size_t StreamWriter::write_some(std::string_view bytes) {
    return os::write_some(pipe_.get(), std::as_bytes(std::span(bytes))).value_or(0);
}

void StreamWriter::write(std::string_view bytes, Timeout timeout) {
    open_number(pipe_);
    const Deadline deadline(timeout);
    set_nonblocking(!deadline.is_forever());
    const bool in_time = write_until(deadline, bytes);
    set_nonblocking(false);
    if (!in_time) throw TimeoutError("write: the program has not read its input in time");
}

bool StreamWriter::write_until(const Deadline& deadline, std::string_view bytes) {
    for (;;) {
        bytes.remove_prefix(write_some(bytes));
        if (bytes.empty()) return true;
        if (!os::wait_writable(pipe_.get(), deadline)) return false;
    }
}

void StreamWriter::set_nonblocking(bool on) {
    if (nonblocking_ == on) return;
    os::set_nonblocking(pipe_.get(), on);
    nonblocking_ = on;
}

StreamReader::StreamReader(Descriptor pipe) noexcept : pipe_(std::move(pipe)) {}

int StreamReader::fileno() const {
    return open_number(pipe_);
}

void StreamReader::close() noexcept {
    pipe_.reset();
    buffer_.clear();
    taken_ = 0;
}

bool StreamReader::receive() {
    if (at_end_) return false;
    forget_taken();
    std::array<std::byte, kReadBytes> room;  // NOLINT(cppcoreguidelines-pro-type-member-init): written by the kernel
    const std::size_t size = os::read_some_waiting(pipe_.get(), room);
    at_end_ = size == 0;
    append_growing(buffer_, {reinterpret_cast<const char*>(room.data()), size});
    return !at_end_;
}

bool StreamReader::receive_until(const Deadline& deadline, const char* call) {
    if (at_end_) return false;
    if (!deadline.is_forever() && !os::wait_readable(pipe_.get(), deadline))
        throw TimeoutError(std::string(call) + ": the program has not written in time");
    return receive();
}

void StreamReader::forget_taken() noexcept {
    buffer_.erase(0, std::exchange(taken_, 0));
}

std::string StreamReader::take(std::size_t bytes) {
    if (bytes == buffer_.size()) return std::exchange(buffer_, {});
    std::string text = buffer_.substr(taken_, bytes);
    taken_ += bytes;
    return text;
}

std::string StreamReader::read(std::size_t most, Timeout timeout) {
    open_number(pipe_);
    const Deadline deadline(timeout);
    while (available() < most && receive_until(deadline, "read")) {
    }
    return take(std::min(most, available()));
}

std::string StreamReader::read_some(Timeout timeout) {
    open_number(pipe_);
    if (available() == 0) receive_until(Deadline(timeout), "read_some");
    return take(available());
}

std::optional<std::string> StreamReader::read_line(Timeout timeout) {
    open_number(pipe_);
    const Deadline deadline(timeout);
    std::size_t searched = 0;
    for (;;) {
        if (const std::size_t end = buffer_.find('\n', taken_ + searched); end != std::string::npos) {
            std::string line = take(end + 1 - taken_);
            line.pop_back();
            return line;
        }
        searched = available();
        if (receive_until(deadline, "read_line")) continue;
        if (searched == 0) return std::nullopt;
        return take(searched);
    }
}

}  // namespace cohort::subprocess
