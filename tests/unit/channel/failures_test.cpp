// SPDX-License-Identifier: MIT
// What a pipe does when the kernel refuses: the error says which call, and what was not sent does not appear.
#include <cohort/base/errors.hpp>
#include <cohort/base/scope_guard.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/os/descriptor.hpp>

#include "os/fault.hpp"
#include "os/file.hpp"
#include "support/error_text.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <thread>

namespace cohort::test {
namespace {

using os::Fault;

const std::string kLong(200000, 'x');

/// Sets a soft limit until the end of the test.
class Limit {
public:
    Limit(__rlimit_resource resource, rlim_t soft) : resource_(resource) {
        ::getrlimit(resource_, &before_);
        rlimit limit{soft, before_.rlim_max};
        ::setrlimit(resource_, &limit);
    }
    ~Limit() { ::setrlimit(resource_, &before_); }
    Limit(const Limit&) = delete;
    Limit& operator=(const Limit&) = delete;

private:
    __rlimit_resource resource_;
    rlimit before_{};
};

/// The number that the next descriptor gets: all below are taken.
int next_descriptor() {
    return os::duplicate(STDERR_FILENO).get();
}

TEST(ConnectionFailures, nothing_is_sent_when_a_call_fails) {
    struct Case {
        const char* call;
        int error;
    };
    for (const Case& each : {Case{"memfd_create", EMFILE}, Case{"memfd_create", ENOMEM}, Case{"ftruncate", EFBIG},
                             Case{"pwrite", ENOSPC}, Case{"sendmsg", ENOBUFS}, Case{"sendmsg", ETOOMANYREFS}}) {
        auto [a, b] = Pipe();
        {
            const Fault fault(each.call, each.error);
            const std::string text = error_text(each.error, [&, a = a] { a.send(kLong); });
            EXPECT_NE(text.find(each.call), std::string::npos) << text;
        }
        EXPECT_FALSE(b.poll());
        a.send(1);
        EXPECT_EQ(b.recv<int>(), 1);
    }
}

TEST(ConnectionFailures, a_pipe_without_descriptors) {
    const int next = next_descriptor();
    const Limit limit(RLIMIT_NOFILE, static_cast<rlim_t>(next) + 1);
    EXPECT_NE(error_text(EMFILE, [] { Pipe(); }), "");
}

TEST(ConnectionFailures, calls_are_repeated_when_a_signal_interrupts_them) {
    auto [a, b] = Pipe();
    for (const std::string& text : {std::string("short"), kLong}) {
        const Fault send("sendmsg", EINTR, 1, 3), receive("recvmsg", EINTR, 1, 3), write("pwrite", EINTR);
        a.send(text);
        EXPECT_EQ(b.recv<std::string>(), text);
    }
    const Fault fault("poll", EINTR, 1, 3);
    EXPECT_FALSE(b.poll(std::chrono::milliseconds(1)));
}

TEST(ConnectionFailures, a_message_over_the_limit_of_file_sizes) {
    auto [a, b] = Pipe();
    const Limit limit(RLIMIT_FSIZE, 100000);  // SIGXFSZ would end this program
    EXPECT_NE(error_text(EFBIG, [&, a = a] { a.send(kLong); }), "");
    EXPECT_FALSE(b.poll());
    a.send(std::string(50000, 'x'));
    EXPECT_EQ(b.recv<std::string>().size(), 50000U);
}

// The kernel drops descriptors for which there is no room: the message that they belong to is lost, and only that one.
TEST(ConnectionFailures, a_message_with_more_descriptors_than_there_is_room_for) {
    auto [a, b] = Pipe();
    a.send(kLong);
    a.send(a);
    a.send(3);
    a.send(kLong);
    const int next = next_descriptor();
    {
        const Limit limit(RLIMIT_NOFILE, static_cast<rlim_t>(next));
        EXPECT_NE(error_text(EMFILE, [&, b = b] { b.recv<std::string>(); }), "");
        EXPECT_NE(error_text(EMFILE, [&, b = b] { b.recv<Connection>(); }), "");
        EXPECT_EQ(b.recv<int>(), 3);
    }
    EXPECT_EQ(b.recv<std::string>(), kLong);
}

TEST(ConnectionFailures, a_socket_that_the_program_made_small) {
    auto [a, b] = Pipe();
    const int bytes = 4608;
    ASSERT_EQ(::setsockopt(a.fileno(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes), 0);
    for (const std::size_t size : {1000U, 5000U, 100000U}) {
        a.send(std::string(size, 'x'));
        EXPECT_EQ(b.recv<std::string>().size(), size);
    }
}

TEST(ConnectionFailures, up_to_52_kib_a_message_is_one_call) {
    auto [a, b] = Pipe();
    const Fault no_memory("memfd_create", ENOMEM, 1, Fault::kAlways);
    const Fault send("sendmsg", EIO, 2), receive("recvmsg", EIO, 2);
    a.send_bytes(std::string(std::size_t{52} * 1024, 'x'));
    EXPECT_EQ(b.recv_bytes().size(), std::size_t{52} * 1024);
    EXPECT_EQ(send.calls() + receive.calls(), 2);
    EXPECT_NE(error_text(ENOMEM, [&, a = a] { a.send_bytes(std::string(std::size_t{52} * 1024 + 1, 'x')); }), "");
}

// A receiver that does not come must not cost memory without bounds.
TEST(ConnectionFailures, only_few_long_messages_are_under_way) {
    auto [a, b] = Pipe();
    os::set_nonblocking(a.fileno(), true);
    const Fault would_wait("poll", EIO, 1, Fault::kAlways);
    int sent = 0;
    const std::string error = error_text(EIO, [&, a = a] {
        for (;; ++sent) a.send(kLong);
    });
    EXPECT_NE(error, "");
    EXPECT_GE(sent, 2);
    EXPECT_LE(sent, 5);
    for (int i = 0; i < sent; ++i) EXPECT_EQ(b.recv<std::string>(), kLong);
}

TEST(ConnectionFailures, a_descriptor_that_does_not_wait) {
    auto [a, b] = Pipe();
    os::set_nonblocking(a.fileno(), true);
    os::set_nonblocking(b.fileno(), true);
    std::thread receiver([b = b] {
        for (int i = 0; i < 1000; ++i) EXPECT_EQ(b.recv<std::vector<int>>(), std::vector<int>(1000, i));
    });
    for (int i = 0; i < 1000; ++i) a.send(std::vector<int>(1000, i));
    receiver.join();
}

}  // namespace
}  // namespace cohort::test
