// SPDX-License-Identifier: MIT
#include "os/pipe.hpp"

#include "os/file.hpp"
#include "os/poll.hpp"
#include "os/signals.hpp"
#include "os/system_call.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <algorithm>
#include <csignal>
#include <limits>
#include <string>

namespace cohort::os {

namespace {

struct flock first_byte(short kind) noexcept {
    struct flock lock {};
    lock.l_type = kind;
    lock.l_whence = SEEK_SET;
    lock.l_len = 1;
    return lock;
}

}  // namespace

PipeEnds make_pipe() {
    int ends[2] = {-1, -1};
    checked("pipe2", {}, [&] { return ::pipe2(ends, O_CLOEXEC); });
    Descriptor read(ends[0]), write(ends[1]);
    return {above_standard_streams(std::move(read)), above_standard_streams(std::move(write))};
}

Descriptor open_reading_end(int writing_end) {
    const std::string path = "/proc/self/fd/" + std::to_string(writing_end);
    return above_standard_streams(open_file(path.c_str(), O_RDONLY));
}

std::ptrdiff_t read_plainly(int descriptor, std::span<std::byte> buffer) noexcept {
    return uninterrupted("read", [&] { return ::read(descriptor, buffer.data(), buffer.size()); });
}

std::size_t read_some_waiting(int descriptor, std::span<std::byte> buffer) {
    for (;;) {
        const std::ptrdiff_t size = read_plainly(descriptor, buffer);
        if (size >= 0) return static_cast<std::size_t>(size);
        if (errno != EAGAIN) throw_error(errno, "read", descriptor_text(descriptor));
        wait_readable(descriptor, Deadline(forever));
    }
}

namespace {

/// Keeps a SIGPIPE that the calling thread brings upon itself from being seen by the program.
class NoBrokenPipeSignal {
public:
    NoBrokenPipeSignal() : block_({SIGPIPE}) {
        sigset_t pending;
        ::sigpending(&pending);
        was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    }
    NoBrokenPipeSignal(const NoBrokenPipeSignal&) = delete;
    NoBrokenPipeSignal& operator=(const NoBrokenPipeSignal&) = delete;

    /// After a write that failed with EPIPE.
    void take() const noexcept {
        constexpr timespec kNow{};
        const SignalSet broken{SIGPIPE};
        if (!was_pending_) ::sigtimedwait(&broken.get(), nullptr, &kNow);
    }

private:
    SignalBlock block_;
    bool was_pending_ = false;
};

}  // namespace

std::optional<std::size_t> write_some(int descriptor, std::span<const std::byte> bytes) {
    const NoBrokenPipeSignal no_signal;
    const auto written = uninterrupted("write", [&] { return ::write(descriptor, bytes.data(), bytes.size()); });
    if (written >= 0) return static_cast<std::size_t>(written);
    const int error = errno;
    if (error == EAGAIN) return std::nullopt;
    if (error == EPIPE) no_signal.take();
    throw_error(error, "write", descriptor_text(descriptor));
}

void set_pipe_size(int descriptor, std::size_t bytes) {
    // The kernel takes an unsigned int, and refuses what is too much.
    const auto size = static_cast<int>(std::min<std::size_t>(bytes, std::numeric_limits<int>::max()));
    checked("fcntl(F_SETPIPE_SZ)", descriptor_text(descriptor),
            [&] { return ::fcntl(descriptor, F_SETPIPE_SZ, size); });
}

void wait_for_end(int reading_end) noexcept {
    std::byte unwanted[512];
    while (read_plainly(reading_end, unwanted) > 0) {
    }
}

void close_on_exec(int descriptor) {
    checked("fcntl(F_SETFD)", descriptor_text(descriptor), [&] { return ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); });
}

bool try_lock_open_file(int descriptor) {
    if (uninterrupted("flock", [&] { return ::flock(descriptor, LOCK_EX | LOCK_NB); }) == 0) return true;
    if (errno == EWOULDBLOCK) return false;
    throw_error(errno, "flock", descriptor_text(descriptor));
}

ProcessLock::ProcessLock(int descriptor) : descriptor_(descriptor) {
    struct flock lock = first_byte(F_WRLCK);
    checked("fcntl(F_SETLKW)", descriptor_text(descriptor), [&] { return ::fcntl(descriptor, F_SETLKW, &lock); });
}

ProcessLock::~ProcessLock() {
    struct flock lock = first_byte(F_UNLCK);
    system_call("fcntl(F_SETLK)", [&] { return ::fcntl(descriptor_, F_SETLK, &lock); });
}

}  // namespace cohort::os
