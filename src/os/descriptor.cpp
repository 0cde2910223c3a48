// SPDX-License-Identifier: MIT
#include <cohort/os/descriptor.hpp>

#include "os/file.hpp"
#include "os/system_call.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace cohort {

[[gnu::hot]] void Descriptor::reset(int number) noexcept {
    int old = std::exchange(number_, number < 0 ? -1 : number);
    if (old < 0) return;
    int saved = errno;
    // Never repeated: Linux has freed the number whatever close returns, and another thread may have it by now.
    os::system_call("close", [&] { return ::close(old); });
    errno = saved;
}

namespace os {

Descriptor duplicate(int descriptor) {
    return Descriptor(checked("fcntl(F_DUPFD_CLOEXEC)", descriptor_text(descriptor),
                              [&] { return ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0); }));
}

Descriptor above_standard_streams(Descriptor opened) {
    if (!opened || opened.get() > STDERR_FILENO) return opened;
    return Descriptor(checked("fcntl(F_DUPFD_CLOEXEC)", descriptor_text(opened.get()),
                              [&] { return ::fcntl(opened.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1); }));
}

Descriptor open_file(const char* path, int flags, mode_t mode) {
    return Descriptor(
        checked("open", "'" + std::string(path) + "'", [&] { return ::open(path, flags | O_CLOEXEC, mode); }));
}

Descriptor open_null() {
    return above_standard_streams(open_file("/dev/null", O_RDWR));
}

std::size_t read_some(int descriptor, std::span<std::byte> buffer) {
    return static_cast<std::size_t>(
        checked("read", descriptor_text(descriptor), [&] { return ::read(descriptor, buffer.data(), buffer.size()); }));
}

void write_all(int descriptor, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        auto written = checked("write", descriptor_text(descriptor),
                               [&] { return ::write(descriptor, bytes.data(), bytes.size()); });
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void write_all_at(int descriptor, std::span<const std::byte> bytes, std::size_t offset) {
    while (!bytes.empty()) {
        auto written = static_cast<std::size_t>(checked("pwrite", descriptor_text(descriptor), [&] {
            return ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        }));
        bytes = bytes.subspan(written);
        offset += written;
    }
}

void set_close_on_exec(int descriptor) {
    checked("fcntl(F_SETFD)", descriptor_text(descriptor), [&] { return ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); });
}

bool is_open(int descriptor) noexcept {
    return system_call("fcntl(F_GETFD)", [&] { return ::fcntl(descriptor, F_GETFD); }) != -1;
}

void require_open(int descriptor) {
    checked("fcntl(F_GETFD)", descriptor_text(descriptor), [&] { return ::fcntl(descriptor, F_GETFD); });
}

void close_between(unsigned first, unsigned last) noexcept {
    if (first > last) return;
    if (system_call("close_range", [&] { return ::syscall(SYS_close_range, first, last, 0); }) == 0) return;
    rlimit limit{};  // before Linux 5.9, or not allowed
    ::getrlimit(RLIMIT_NOFILE, &limit);
    for (unsigned number = first; number <= last && number < limit.rlim_cur; ++number)
        ::close(static_cast<int>(number));
}

void close_all(std::span<int> numbers) noexcept {
    std::sort(numbers.begin(), numbers.end());
    for (std::size_t begin = 0, end; begin != numbers.size(); begin = end) {
        for (end = begin + 1; end != numbers.size() && numbers[end] == numbers[end - 1] + 1;) ++end;
        close_between(static_cast<unsigned>(numbers[begin]), static_cast<unsigned>(numbers[end - 1]));
    }
}

void set_nonblocking(int descriptor, bool on) {
    int flags = checked("fcntl(F_GETFL)", descriptor_text(descriptor), [&] { return ::fcntl(descriptor, F_GETFL); });
    int wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    checked("fcntl(F_SETFL)", descriptor_text(descriptor), [&] { return ::fcntl(descriptor, F_SETFL, wanted); });
}

std::string read_file(const char* path) {
    Descriptor file = open_file(path, O_RDONLY);
    std::string text;
    for (std::size_t size = 0;;) {
        text.resize(size + 4096);
        std::size_t more = read_some(file.get(), std::as_writable_bytes(std::span(text).subspan(size)));
        text.resize(size += more);
        if (more == 0) return text;
    }
}

}  // namespace os
}  // namespace cohort
