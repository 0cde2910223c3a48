// SPDX-License-Identifier: MIT
// Connections that carry CPython's frames.
#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/channel/queue.hpp>
#include <cohort/channel/wait.hpp>
#include <cohort/serial/code_pointer.hpp>
#include <cohort/serial/object.hpp>
#include <cohort/sync/lock.hpp>

#include "connected.hpp"
#include "os/fault.hpp"
#include "os/file.hpp"
#include "support/error_text.hpp"
#include "support/forked_child.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

std::string read_raw(const Descriptor& socket, std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t have = 0; have != size;)
        have += os::read_some(socket.get(), std::as_writable_bytes(std::span(text).subspan(have)));
    return text;
}

void write_raw(const Descriptor& socket, std::string_view bytes) {
    os::send_whole(socket.get(), bytes_of(bytes));
}

TEST(StreamConnection, frames_are_those_of_python) {
    auto peer = raw_peer();
    peer.connection.send_bytes("hello");
    EXPECT_EQ(read_raw(peer.socket, 9), "\0\0\0\5hello"s);
    peer.connection.send_bytes("");
    EXPECT_EQ(read_raw(peer.socket, 4), "\0\0\0\0"s);
    write_raw(peer.socket, "\0\0\0\3abc\0\0\0\0\xff\xff\xff\xff\0\0\0\0\0\0\0\1x"s);
    EXPECT_EQ(text_of(peer.connection.recv_bytes()), "abc");
    EXPECT_EQ(text_of(peer.connection.recv_bytes()), "");
    EXPECT_EQ(text_of(peer.connection.recv_bytes()), "x");
}

TEST(StreamConnection, messages_of_all_sizes) {
    auto [a, b] = connected();
    for (const std::size_t size : {0U, 1U, 4095U, 4096U, 16384U, 16385U, 1U << 20, (1U << 22) + 1, 3U}) {
        const std::string text(size, 'x');
        std::jthread sender([&, end = a] { end.send_bytes(text); });
        EXPECT_EQ(text_of(b.recv_bytes()), text);
    }
}

TEST(StreamConnection, values) {
    auto [a, b] = connected();
    using Map = std::map<std::string, std::vector<int>>;
    const Map map{{"one", {1}}, {"none", {}}};
    a.send(map);
    a.send("text");
    a.send(std::optional<int>());
    EXPECT_EQ(b.recv<Map>(), map);
    EXPECT_EQ(b.recv<std::string>(), "text");
    EXPECT_EQ(b.recv<std::optional<int>>(), std::nullopt);
    const std::vector<int> many(1'000'000, 7);
    std::jthread sender([&, end = a] { end.send(many); });
    EXPECT_EQ(b.recv<std::vector<int>>(), many);
}

TEST(StreamConnection, objects) {
    auto [a, b] = connected();
    a.send_object("text");
    EXPECT_EQ(b.recv_object(), Object("text"));
    b.send_bytes("\x80\x05K\x07.");  // as Python 3.14 sends 7
    EXPECT_EQ(a.recv_object(), Object(7));
    a.send(7);
    EXPECT_EQ(error_text<SerializationError>([&b = b] { b.recv_object(); }),
              "received a value of send() where one of send_object() was expected: recv() takes it");
    auto [c, d] = Pipe();
    c.send_object(7);
    EXPECT_EQ(d.recv_object(), Object(7));
}

TEST(StreamConnection, other_types_and_other_messages_are_errors_that_name_them) {
    auto [a, b] = connected();
    a.send(3);
    EXPECT_THROW(b.recv<std::string>(), SerializationError);
    const auto text = [&b = b](std::string_view bytes, const Connection& from) {
        from.send_bytes(bytes);
        return error_text<SerializationError>([&] { b.recv<int>(); });
    };
    EXPECT_EQ(text("abc", a), "received bytes of send_bytes where int was expected");
    EXPECT_EQ(text("\x80\x04K\x01.", a), "received a pickle of Python where int was expected");
    EXPECT_EQ(text("#CHALLENGE#", a),
              "received a challenge (the other side has an authkey, this one has none) where int was expected");
    EXPECT_EQ(text("", a), "received bytes of send_bytes where int was expected");
    a.send(4);
    EXPECT_EQ(b.recv<int>(), 4);
}

TEST(StreamConnection, handles_do_not_cross) {
    auto [a, b] = connected();
    EXPECT_THROW(a.send(a), SerializationError);
    EXPECT_THROW(a.send(Lock()), SerializationError);
    EXPECT_THROW(a.send(std::make_pair(1, Queue<int>())), SerializationError);
    EXPECT_THROW(a.send(os::duplicate(0)), SerializationError);
    EXPECT_FALSE(b.poll());
}

int twice(int number) {
    return 2 * number;
}

TEST(StreamConnection, code_does_not_cross) {
    auto [a, b] = connected();
    a.send(&twice);
    EXPECT_THROW(b.recv<int (*)(int)>(), SerializationError);
}

TEST(StreamConnection, the_end) {
    auto [a, b] = connected();
    a.send_bytes("last");
    a.close();
    EXPECT_TRUE(b.poll());
    EXPECT_EQ(text_of(b.recv_bytes()), "last");
    EXPECT_TRUE(b.poll());
    EXPECT_EQ(error_text<EofError>([&b = b] { b.recv_bytes(); }),
              "the connection with other is closed by the other side");
    EXPECT_NE(error_text(EPIPE, [&b = b] { b.send(1); }).find("other"), std::string::npos);
    EXPECT_THROW(a.recv_bytes(), ValueError);
}

TEST(StreamConnection, an_end_within_a_message) {
    for (const auto& part : {"\0\0"s, "\0\0\0\5"s, "\0\0\0\5hell"s, "\xff\xff\xff\xff\0"s}) {
        auto peer = raw_peer();
        write_raw(peer.socket, part);
        peer.socket.reset();
        EXPECT_NE(error_text(EIO, [&] { peer.connection.recv_bytes(); }).find("got end of file during message"),
                  std::string::npos);
        EXPECT_NE(error_text(ECONNABORTED, [&] { peer.connection.recv_bytes(); }), "");
    }
}

TEST(StreamConnection, maxlength) {
    auto [a, b] = connected();
    a.send_bytes("hello");
    EXPECT_EQ(text_of(b.recv_bytes(5)), "hello");
    a.send_bytes("hello");
    EXPECT_EQ(error_text<ValueError>([&b = b] { b.recv_bytes(4); }), "bad message length");
    EXPECT_FALSE(b.readable());
    EXPECT_THROW(b.recv_bytes(), ValueError);
    b.send(1);  // as in Python
    EXPECT_EQ(a.recv<int>(), 1);
}

TEST(StreamConnection, into_a_buffer) {
    auto [a, b] = connected();
    std::array<std::byte, 8> buffer{};
    a.send_bytes("abc");
    EXPECT_EQ(b.recv_bytes_into(buffer, 2), 3U);
    EXPECT_EQ(buffer[4], std::byte{'c'});
    a.send_bytes("far too long");
    try {
        b.recv_bytes_into(buffer);
        FAIL();
    } catch (const BufferTooShort& error) {
        EXPECT_EQ(text_of(error.message()), "far too long");
    }
    a.send_bytes("next");
    EXPECT_EQ(b.recv_bytes_into(buffer), 4U);
}

TEST(StreamConnection, a_header_that_lies_costs_no_memory) {
    auto peer = raw_peer();
    write_raw(peer.socket, "\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff"s);
    EXPECT_NE(error_text(ENOMEM, [&] { peer.connection.recv_bytes(); }), "");
}

// The other end would wait until somebody reads the rest.
TEST(StreamConnection, a_message_that_cannot_be_read_ends_the_connection) {
    for (const auto& part : {"\xff\xff\xff\xff\x7f\xff\xff\xff\xff\xff\xff\xff"s, "\x80\0\0\0"s}) {
        auto peer = raw_peer();
        write_raw(peer.socket, part);
        EXPECT_ANY_THROW(peer.connection.recv_bytes());
        std::array<std::byte, 1> nothing{};
        EXPECT_EQ(os::read_some(peer.socket.get(), nothing), 0U);
        EXPECT_NE(error_text(ECONNABORTED, [&] { peer.connection.recv_bytes(); }), "");
    }
}

TEST(StreamConnection, poll_and_wait) {
    auto [a, b] = connected();
    EXPECT_FALSE(b.poll());
    EXPECT_TRUE(wait({a, b}, 0s).empty());
    a.send(1);
    EXPECT_TRUE(b.poll(forever));
    EXPECT_EQ(wait({a, b}).front(), b);
    EXPECT_EQ(b.recv<int>(), 1);
    EXPECT_FALSE(b.poll(0s));
}

TEST(StreamConnection, in_a_message_and_in_a_queue) {
    auto [a, b] = connected();
    auto [in, out] = Pipe();
    Queue<Connection> queue;
    in.send(a);
    queue.put(b);
    const auto same_a = out.recv<Connection>(), same_b = queue.get();
    EXPECT_EQ(same_a, a);
    same_a.send_bytes("x");
    EXPECT_EQ(text_of(same_b.recv_bytes()), "x");
}

TEST(StreamConnection, a_message_is_whole_when_the_kernel_interrupts) {
    auto [a, b] = connected();
    for (const char* call : {"sendmsg", "recv"}) {
        os::Fault fault(call, EINTR, 2);
        a.send_bytes("text");
        EXPECT_EQ(text_of(b.recv_bytes()), "text");
    }
}

TEST(StreamConnection, nothing_is_lost_when_a_call_fails_before_a_message) {
    auto [a, b] = connected();
    {
        os::Fault fault("sendmsg", ENOBUFS);
        EXPECT_NE(error_text(ENOBUFS, [&a = a] { a.send_bytes("x"); }), "");
    }
    a.send_bytes("y");
    {
        os::Fault fault("recv", ENOMEM);
        EXPECT_NE(error_text(ENOMEM, [&b = b] { b.recv_bytes(); }), "");
    }
    EXPECT_EQ(text_of(b.recv_bytes()), "y");
}

TEST(StreamConnection, a_descriptor_that_the_program_made_non_blocking) {
    auto [a, b] = connected();
    os::set_nonblocking(a.fileno(), true);
    os::set_nonblocking(b.fileno(), true);
    const std::string text(5'000'000, 'x');
    std::jthread sender([&, end = a] { end.send_bytes(text); });
    EXPECT_EQ(text_of(b.recv_bytes()), text);
}

TEST(StreamConnection, several_threads_share_both_ends) {
    constexpr int kThreads = 4, kMessages = 200;
    auto [a, b] = connected();
    std::array<std::atomic<int>, kThreads> got{};
    std::vector<std::jthread> threads;
    for (int i = 0; i != kThreads; ++i) {
        threads.emplace_back([end = a, i] {
            for (int n = 0; n != kMessages; ++n)
                end.send_bytes(std::string(static_cast<std::size_t>(n * 97), static_cast<char>('a' + i)));
        });
        threads.emplace_back([end = b, &got] {
            for (int n = 0; n != kMessages;) {
                const std::string text = text_of(end.recv_bytes());
                ++n;
                if (text.empty()) continue;
                ASSERT_EQ(text, std::string(text.size(), text.front()));
                ++got[static_cast<std::size_t>(text.front() - 'a')];
            }
        });
    }
    threads.clear();
    for (const auto& each : got) EXPECT_EQ(each, kMessages - 1);
}

TEST(StreamConnection, several_processes_share_one_end) {
    constexpr int kProcesses = 3, kMessages = 100;
    auto [a, b] = connected();
    std::vector<ForkedChild> children;
    for (int i = 0; i != kProcesses; ++i)
        children.emplace_back([&, end = a] {
            for (int n = 1; n <= kMessages; ++n)
                end.send_bytes(std::string(static_cast<std::size_t>(n * 1000), static_cast<char>('a' + i)));
        });
    for (int n = 0; n != kProcesses * kMessages; ++n) {
        const std::string text = text_of(b.recv_bytes());
        ASSERT_EQ(text, std::string(text.size(), text.front()));
    }
    for (auto& each : children) EXPECT_EQ(each.wait().code(), 0);
}

// It is in the middle of a frame when the other end has got the beginning and the socket has no more room.
TEST(StreamConnection, a_sender_killed_within_a_message_ends_the_connection_for_all) {
    auto peer = raw_peer();
    ForkedChild sender([&] { peer.connection.send_bytes(std::string(50'000'000, 'x')); });
    read_raw(peer.socket, 4);
    sender.kill();
    sender.wait();
    EXPECT_NE(error_text(ECONNABORTED, [&] { peer.connection.send_bytes("next"); }).find("the peer"),
              std::string::npos);
    std::string rest;
    std::array<std::byte, 65536> buffer;
    while (os::read_some(peer.socket.get(), buffer) != 0) {
    }
    EXPECT_NE(error_text(ECONNABORTED, [&] { peer.connection.send_bytes("next"); }), "");
}

TEST(StreamConnection, a_receiver_killed_within_a_message_ends_the_connection_for_all) {
    auto peer = raw_peer();
    auto [reports, reporter] = Pipe();
    ForkedChild receiver([&] { peer.connection.recv_bytes(); });
    write_raw(peer.socket, "\0\1\0\0abc"s);
    while (peer.connection.poll()) std::this_thread::yield();  // until it has taken what is there
    receiver.kill();
    receiver.wait();
    write_raw(peer.socket, "rest");
    EXPECT_NE(error_text(ECONNABORTED, [&] { peer.connection.recv_bytes(); }), "");
    EXPECT_EQ(error_text(EPIPE, [&] { write_raw(peer.socket, "more"); }).empty(), false);
}

TEST(StreamConnection, a_receiver_killed_before_a_message_takes_nothing) {
    auto peer = raw_peer();
    auto [reports, reporter] = Pipe();
    ForkedChild receiver([&, end = reporter] {
        end.send(1);
        peer.connection.recv_bytes();
    });
    reports.recv<int>();
    receiver.kill();
    receiver.wait();
    write_raw(peer.socket, "\0\0\0\1x"s);
    EXPECT_EQ(text_of(peer.connection.recv_bytes()), "x");
}

// One that waits has no turn.
TEST(StreamConnection, a_stopped_receiver_holds_up_no_other) {
    auto peer = raw_peer();
    auto [reports, reporter] = Pipe();
    ForkedChild receiver([&, end = reporter] {
        end.send(1);
        peer.connection.recv_bytes();
    });
    reports.recv<int>();
    receiver.kill(SIGSTOP);
    write_raw(peer.socket, "\0\0\0\1x"s);
    EXPECT_EQ(text_of(peer.connection.recv_bytes()), "x");
}

}  // namespace
}  // namespace cohort::test
