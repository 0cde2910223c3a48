// SPDX-License-Identifier: MIT
#include "os/unix_socket.hpp"

#include "os/eventfd.hpp"
#include "os/file.hpp"
#include "os/fork.hpp"
#include "support/leak_check.hpp"

#include <cohort/base/bytes.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace {

using namespace cohort::os;
using namespace std::chrono_literals;
using cohort::Deadline;
using cohort::Descriptor;
using cohort::detail::bytes_of;
using cohort::detail::text_of;

int error_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const std::system_error& error) {
        return error.code().value();
    }
    return 0;
}

TEST(UnixSocket, packets_stay_whole) {
    auto [a, b] = socket_pair(SocketKind::seqpacket);
    send_message(a.get(), bytes_of("one"));
    send_message(a.get(), bytes_of("three"));
    EXPECT_EQ(text_of(receive_packet(b.get()).bytes), "one");
    EXPECT_EQ(text_of(receive_packet(b.get()).bytes), "three");
}

TEST(UnixSocket, a_closed_end_is_the_end) {
    auto [a, b] = socket_pair(SocketKind::seqpacket);
    send_message(a.get(), bytes_of("last"));
    a.reset();
    EXPECT_FALSE(receive_packet(b.get()).end);
    EXPECT_TRUE(receive_packet(b.get()).end);
}

TEST(UnixSocket, a_packet_longer_than_the_buffer_is_told) {
    auto [a, b] = socket_pair(SocketKind::seqpacket);
    send_message(a.get(), bytes_of("12345"));
    std::array<std::byte, 3> buffer{};
    Received received = receive_message(b.get(), buffer);
    EXPECT_TRUE(received.truncated);
    EXPECT_EQ(received.size, 3U);
}

TEST(UnixSocket, sending_to_nobody_is_an_error_and_no_signal) {
    auto [a, b] = socket_pair(SocketKind::stream);
    b.reset();
    EXPECT_EQ(error_of([end = a.get()] { send_whole(end, bytes_of("x")); }), EPIPE);
}

TEST(UnixSocket, does_not_wait_when_told_so) {
    auto [a, b] = socket_pair(SocketKind::seqpacket);
    std::array<std::byte, 1> buffer{};
    EXPECT_EQ(error_of([&, end = b.get()] { receive_message(end, buffer, MSG_DONTWAIT); }), EAGAIN);
}

TEST(UnixSocket, a_large_stream_arrives_whole) {
    auto [a, b] = socket_pair(SocketKind::stream);
    const std::string text(4 << 20, 'y');
    std::jthread sender([&, end = a.get()] { send_whole(end, bytes_of(text)); });
    std::string received;
    std::array<std::byte, 65536> buffer{};
    while (received.size() < text.size())
        received += text_of(std::span(buffer).first(receive_message(b.get(), buffer).size));
    EXPECT_EQ(received, text);
}

TEST(UnixSocket, descriptors_cross_to_another_process) {
    auto [a, b] = socket_pair(SocketKind::seqpacket);
    auto forked = fork_process();
    if (forked.in_child()) {
        Eventfd made_here(9);
        int number = made_here.get();
        send_message(b.get(), bytes_of("here"), {&number, 1});
        ::_exit(0);
    }
    Message message = receive_packet(a.get());
    ASSERT_EQ(message.descriptors.size(), 1U);
    EXPECT_EQ(::fcntl(message.descriptors[0].get(), F_GETFD), FD_CLOEXEC);
    std::uint64_t count = 0;
    EXPECT_EQ(read_some(message.descriptors[0].get(), cohort::detail::writable_bytes_of(count)), sizeof count);
    EXPECT_EQ(count, 9U);
    forked.process.wait(cohort::forever);
}

TEST(UnixSocket, the_most_descriptors_cross_in_one_message) {
    auto [a, b] = socket_pair(SocketKind::seqpacket);
    std::vector<int> numbers(kMaxPassedDescriptors, STDERR_FILENO);
    send_message(a.get(), bytes_of("x"), numbers);
    EXPECT_EQ(receive_packet(b.get()).descriptors.size(), kMaxPassedDescriptors);
    numbers.push_back(STDERR_FILENO);
    EXPECT_EQ(error_of([&, end = a.get()] { send_message(end, bytes_of("x"), numbers); }), EINVAL);
}

TEST(UnixSocket, without_room_for_descriptors_none_is_kept) {
    auto [a, b] = socket_pair(SocketKind::seqpacket);
    const std::array numbers{STDERR_FILENO, STDERR_FILENO, STDERR_FILENO};
    send_message(a.get(), bytes_of("x"), numbers);
    int next = duplicate(STDERR_FILENO).get();  // closed again: the lowest number that is free
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit tight{static_cast<rlim_t>(next) + 1, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &tight);
    EXPECT_EQ(error_of([end = b.get()] { receive_packet(end); }), EMFILE);
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_FALSE(is_open(next));
}

TEST(UnixSocket, the_peer_is_known) {
    auto [a, b] = socket_pair(SocketKind::stream);
    EXPECT_EQ(peer_pid(a.get()), ::getpid());
}

void exchange_a_byte(const std::string& path) {
    Descriptor listening = unix_listen(path, 5);
    EXPECT_FALSE(accept_from(listening.get(), Deadline(0s)));
    Descriptor client = unix_connect(path, Deadline(10s));
    Descriptor served = accept_from(listening.get(), Deadline(cohort::forever));
    send_whole(client.get(), bytes_of("!"));
    std::byte byte{};
    EXPECT_EQ(receive_message(served.get(), {&byte, 1}).size, 1U);
    EXPECT_EQ(byte, std::byte{'!'});
}

TEST(UnixSocket, connects_by_path) {
    std::string path = cohort::test::temporary_folder() + "/socket";
    exchange_a_byte(path);
    ::unlink(path.c_str());
}

TEST(UnixSocket, connects_by_abstract_name) {
    exchange_a_byte(std::string("\0cohort-test-", 13) + std::to_string(::getpid()));
}

TEST(UnixSocket, errors_name_the_path) {
    EXPECT_EQ(error_of([] { unix_listen(std::string(200, 'x'), 1); }), ENAMETOOLONG);
    try {
        unix_connect("/no/such/socket", Deadline(0s));
        FAIL();
    } catch (const std::system_error& error) {
        EXPECT_STREQ(error.what(), "connect '/no/such/socket': No such file or directory");
    }
}

TEST(UnixSocket, a_full_server_is_waited_for_until_the_time_is_up) {
    std::string path = cohort::test::temporary_folder() + "/full";
    Descriptor listening = unix_listen(path, 0);
    Descriptor first = unix_connect(path, Deadline(10s));
    EXPECT_EQ(error_of([&] { unix_connect(path, Deadline(20ms)); }), EAGAIN);
    std::jthread server([&] { accept_from(listening.get(), Deadline(cohort::forever)); });
    EXPECT_TRUE(unix_connect(path, Deadline(cohort::forever)));
    ::unlink(path.c_str());
}

TEST(UnixSocket, addresses_give_their_paths) {
    const std::string path = cohort::test::temporary_folder() + "/socket", name = std::string("\0cohort-name", 12);
    for (const std::string& each : {path, name}) {
        Descriptor listening = unix_listen(each, 1);
        EXPECT_EQ(unix_path(local_address(listening.get())), each);
        Descriptor client = unix_connect(each, Deadline(10s));
        EXPECT_EQ(unix_path(local_address(client.get())), "");
        EXPECT_EQ(unix_path(peer_address(client.get())), each);
    }
    ::unlink(path.c_str());
    EXPECT_EQ(path_text(name), "'@cohort-name'");
}

TEST(UnixSocket, a_path_is_replaced_when_nobody_has_its_socket) {
    const std::string path = cohort::test::temporary_folder() + "/socket";
    auto first = unix_listen_replacing(path, 1);
    EXPECT_EQ(error_of([&] { unix_listen_replacing(path, 1); }), EADDRINUSE);
    EXPECT_FALSE(accept_from(first.socket.get(), Deadline(0s)));  // it was not asked by a connection
    first.socket.reset();
    auto second = unix_listen_replacing(path, 1);
    EXPECT_TRUE(unix_connect(path, Deadline(10s)));
    unix_remove(path, second.file);
    auto third = unix_listen_replacing(path, 1);
    unix_remove(path, second.file);  // it is another one's by now
    EXPECT_TRUE(unix_connect(path, Deadline(10s)));
    unix_remove(path, third.file);
    EXPECT_EQ(error_of([&] { unix_connect(path, Deadline(10s)); }), ENOENT);
}

}  // namespace
