// SPDX-License-Identifier: MIT
#include "conformance/mailbox.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace cohort::test {

namespace {

int checked(int result, const std::string& what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
    return result;
}

/// Not as one of the standard descriptors: tests close and open those.
int open_pipe(const std::string& path, int flags) {
    const int descriptor = checked(::open(path.c_str(), flags | O_CLOEXEC), "open " + path);
    if (descriptor > STDERR_FILENO) return descriptor;
    const int higher = checked(::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), "fcntl " + path);
    ::close(descriptor);
    return higher;
}

/// Reads up to the next newline and not further: what follows may be another process's.
std::string read_line(int descriptor, const std::string& path) {
    std::string line;
    for (char c = 0;;) {
        const auto count = ::read(descriptor, &c, 1);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw std::system_error(errno, std::generic_category(), "read " + path);
        if (c == '\n') return line;
        line += c;
    }
}

}  // namespace

void Mailbox::post(std::string_view line) const {
    const int descriptor = open_pipe(path, O_WRONLY);
    const std::string text = std::string(line) + "\n";
    const auto count = ::write(descriptor, text.data(), text.size());
    ::close(descriptor);
    if (count != static_cast<ssize_t>(text.size()))
        throw std::system_error(errno, std::generic_category(), "write " + path);
}

std::string Mailbox::take() const {
    const int descriptor = open_pipe(path, O_RDONLY);
    std::string line = read_line(descriptor, path);
    ::close(descriptor);
    return line;
}

MailboxOwner::MailboxOwner(std::string path) : mailbox_{std::move(path)} {
    checked(::mkfifo(mailbox_.path.c_str(), 0600), "mkfifo " + mailbox_.path);
    descriptor_ =
        open_pipe(mailbox_.path, O_RDWR);  // an end of either kind: neither open() nor take() sees an end of file
}

MailboxOwner::~MailboxOwner() {
    ::close(descriptor_);
    ::unlink(mailbox_.path.c_str());
}

}  // namespace cohort::test
