// SPDX-License-Identifier: MIT
#include "os/pipe.hpp"

#include "os/file.hpp"
#include "os/system_call.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

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
