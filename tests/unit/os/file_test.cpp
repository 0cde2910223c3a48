// SPDX-License-Identifier: MIT
#include "os/file.hpp"

#include "os/epoll.hpp"
#include "os/eventfd.hpp"
#include "os/memfd.hpp"
#include "os/pidfd.hpp"
#include "os/unix_socket.hpp"
#include "support/error_text.hpp"

#include <cohort/base/bytes.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

namespace {

namespace os = cohort::os;

TEST(File, an_error_names_the_path) {
    EXPECT_EQ(cohort::test::error_text(ENOENT, [] { os::open_file("/no/such/file", O_RDONLY); }),
              "open '/no/such/file': No such file or directory");
}

TEST(File, reads_what_was_written_whatever_its_size) {
    cohort::Descriptor file = os::memfd_create("file");
    const std::string text(10000, 'x');
    os::write_all(file.get(), cohort::detail::bytes_of(text));
    EXPECT_EQ(os::read_file(("/proc/self/fd/" + std::to_string(file.get())).c_str()), text);
}

/// This process without a stdin, while it lives.
class ClosedStdin {
public:
    ClosedStdin() : copy_(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)) { ::close(STDIN_FILENO); }
    ~ClosedStdin() {
        ::dup2(copy_, STDIN_FILENO);
        ::close(copy_);
    }
    ClosedStdin(const ClosedStdin&) = delete;
    ClosedStdin& operator=(const ClosedStdin&) = delete;

private:
    int copy_;
};

TEST(File, no_object_takes_the_place_of_a_closed_standard_stream) {
    ClosedStdin closed;
    const cohort::Descriptor memory = os::memfd_create("memory");
    EXPECT_GT(memory.get(), STDERR_FILENO);
    const auto [first, second] = os::socket_pair(os::SocketKind::seqpacket);
    EXPECT_GT(first.get(), STDERR_FILENO);
    EXPECT_GT(second.get(), STDERR_FILENO);
    EXPECT_GT(os::Pidfd::open(::getpid()).get(), STDERR_FILENO);
    EXPECT_GT(os::Eventfd(0).get(), STDERR_FILENO);
    EXPECT_GT(os::Epoll().get(), STDERR_FILENO);
    EXPECT_FALSE(os::is_open(STDIN_FILENO));
}

TEST(File, nonblocking_is_switched_on_and_off) {
    cohort::Descriptor file = os::open_file("/dev/null", O_RDONLY);
    os::set_nonblocking(file.get(), true);
    EXPECT_TRUE(::fcntl(file.get(), F_GETFL) & O_NONBLOCK);
    os::set_nonblocking(file.get(), false);
    EXPECT_FALSE(::fcntl(file.get(), F_GETFL) & O_NONBLOCK);
}

}  // namespace
