// SPDX-License-Identifier: MIT
#include <cohort/channel/connection.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>

#include "support/error_text.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

/// The text of the E that a call throws.
template <class E, class F>
std::string error_of(F&& call) {
    try {
        call();
    } catch (const E& error) {
        return error.what();
    }
    return "no error";
}

std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span(text));
}

std::string text_of(const std::vector<std::byte>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::byte> random_bytes(std::size_t size, unsigned seed) {
    std::minstd_rand random(seed);
    std::vector<std::byte> bytes(size);
    for (std::byte& each : bytes) each = static_cast<std::byte>(random() >> 8);
    return bytes;
}

struct Point {
    int x;
    double y;
    friend bool operator==(const Point&, const Point&) = default;
};

TEST(Connection, values_of_any_type) {
    auto [a, b] = Pipe();
    a.send(3);
    a.send(Point{1, 2.5});
    a.send(std::map<std::string, std::vector<int>>{{"one", {1}}, {"two", {1, 2}}});
    a.send(std::make_unique<int>(7));
    EXPECT_EQ(b.recv<int>(), 3);
    EXPECT_EQ(b.recv<Point>(), (Point{1, 2.5}));
    EXPECT_EQ((b.recv<std::map<std::string, std::vector<int>>>().at("two")), (std::vector{1, 2}));
    EXPECT_EQ(*b.recv<std::unique_ptr<int>>(), 7);
}

TEST(Connection, text_is_sent_as_a_string) {
    auto [a, b] = Pipe();
    char buffer[16] = "in a buffer";
    const char* pointer = "by pointer";
    a.send("literal");
    a.send(pointer);
    a.send(buffer);
    a.send<std::string>("named");
    for (const char* expected : {"literal", "by pointer", "in a buffer", "named"})
        EXPECT_EQ(b.recv<std::string>(), expected);
}

TEST(Connection, the_type_may_be_named) {
    auto [a, b] = Pipe();
    a.send<std::optional<int>>(3);
    a.send<std::optional<int>>(std::nullopt);
    a.send<std::vector<int>>({1, 2});
    EXPECT_EQ(b.recv<std::optional<int>>(), 3);
    EXPECT_EQ(b.recv<std::optional<int>>(), std::nullopt);
    EXPECT_EQ(b.recv<std::vector<int>>(), (std::vector{1, 2}));
}

TEST(Connection, both_ways) {
    auto [a, b] = Pipe();
    a.send(1);
    b.send(2);
    EXPECT_EQ(a.recv<int>(), 2);
    EXPECT_EQ(b.recv<int>(), 1);
}

TEST(Connection, one_way) {
    auto [reader, writer] = Pipe({.duplex = false});
    EXPECT_TRUE(reader.readable());
    EXPECT_FALSE(reader.writable());
    EXPECT_FALSE(writer.readable());
    EXPECT_TRUE(writer.writable());
    writer.send(1);
    EXPECT_EQ(reader.recv<int>(), 1);
    EXPECT_EQ(error_of<ValueError>([&, r = reader] { r.send(2); }), "connection is read-only");
    EXPECT_EQ(error_of<ValueError>([&, r = reader] { r.send_bytes("2"); }), "connection is read-only");
    EXPECT_EQ(error_of<ValueError>([&, w = writer] { w.recv<int>(); }), "connection is write-only");
    EXPECT_EQ(error_of<ValueError>([&, w = writer] { w.recv_bytes(); }), "connection is write-only");
    EXPECT_EQ(error_of<ValueError>([&, w = writer] { w.poll(); }), "connection is write-only");
}

TEST(Connection, bytes_keep_their_boundaries) {
    auto [a, b] = Pipe();
    for (const char* text : {"one", "", "two", ""}) a.send_bytes(bytes_of(text));
    for (const char* text : {"one", "", "two", ""}) EXPECT_EQ(text_of(b.recv_bytes()), text);
    EXPECT_FALSE(b.poll());
}

TEST(Connection, a_part_of_a_buffer) {
    auto [a, b] = Pipe();
    const std::string letters = "abcdefghijklmnopqrstuvwxyz";
    const auto all = bytes_of(letters);
    a.send_bytes(all, 5);
    a.send_bytes(all, 7, 8);
    a.send_bytes(all, 26);
    a.send_bytes(all, 26, 0);
    EXPECT_EQ(text_of(b.recv_bytes()), letters.substr(5));
    EXPECT_EQ(text_of(b.recv_bytes()), letters.substr(7, 8));
    EXPECT_EQ(text_of(b.recv_bytes()), "");
    EXPECT_EQ(text_of(b.recv_bytes()), "");
    const auto error = [&, a = a](std::ptrdiff_t offset, std::optional<std::ptrdiff_t> size) {
        return error_of<ValueError>([&] { a.send_bytes(all, offset, size); });
    };
    EXPECT_EQ(error(27, {}), "buffer length < offset");
    EXPECT_EQ(error(22, 5), "buffer length < offset + size");
    EXPECT_EQ(error(26, 1), "buffer length < offset + size");
    EXPECT_EQ(error(-1, {}), "offset is negative");
    EXPECT_EQ(error(4, -1), "size is negative");
    EXPECT_EQ(error(4, PTRDIFF_MAX), "buffer length < offset + size");
    EXPECT_FALSE(b.poll());
}

TEST(Connection, a_maximum_length) {
    auto [a, b] = Pipe();
    a.send_bytes("four");
    EXPECT_EQ(b.recv_bytes(4).size(), 4U);
    EXPECT_EQ(error_of<ValueError>([&, b = b] { b.recv_bytes(-1); }), "negative maxlength");
    a.send_bytes("five!");
    EXPECT_EQ(error_of<ValueError>([&, b = b] { b.recv_bytes(4); }), "bad message length");
    EXPECT_FALSE(b.readable());  // as in Python
    EXPECT_FALSE(b.closed());
    EXPECT_EQ(error_of<ValueError>([&, b = b] { b.recv_bytes(); }), "connection is write-only");
    b.send(1);
    EXPECT_EQ(a.recv<int>(), 1);
}

TEST(Connection, a_longer_message_closes_what_only_receives) {
    auto [reader, writer] = Pipe({.duplex = false});
    writer.send_bytes("five!");
    EXPECT_THROW(reader.recv_bytes(0), ValueError);
    EXPECT_TRUE(reader.closed());
}

TEST(Connection, into_a_buffer) {
    auto [a, b] = Pipe();
    std::vector<std::byte> buffer(8);
    a.send_bytes("abc");
    EXPECT_EQ(b.recv_bytes_into(buffer, 2), 3U);
    EXPECT_EQ(text_of(buffer), std::string("\0\0abc\0\0\0", 8));
    a.send_bytes("");
    EXPECT_EQ(b.recv_bytes_into(buffer, 8), 0U);
    EXPECT_EQ(error_of<ValueError>([&, b = b] { b.recv_bytes_into(buffer, -1); }), "negative offset");
    EXPECT_EQ(error_of<ValueError>([&, b = b] { b.recv_bytes_into(buffer, 9); }), "offset too large");
    for (const std::size_t size : {std::size_t{9}, std::size_t{1000000}}) {
        const auto sent = random_bytes(size, 1);
        a.send_bytes(sent);
        try {
            b.recv_bytes_into(buffer);
            ADD_FAILURE();
        } catch (const BufferTooShort& error) {
            EXPECT_EQ(error.message(), sent);
        }
    }
    EXPECT_FALSE(b.poll());
}

TEST(Connection, messages_of_many_sizes) {
    auto [a, b] = Pipe();
    std::vector<std::size_t> sizes(40);
    std::iota(sizes.begin(), sizes.end(), 0);
    for (const std::size_t edge : {1024U, 4096U, 53248U, 65536U, 212992U, 1U << 20})
        for (const std::size_t size : {edge - 17, edge - 16, edge - 1, edge, edge + 1, edge + 16})
            sizes.push_back(size);
    for (const std::size_t size : sizes) {
        const auto sent = random_bytes(size, static_cast<unsigned>(size));
        a.send_bytes(sent);
        ASSERT_EQ(b.recv_bytes(), sent) << size;
        const std::string text(size, 'x');
        a.send(text);
        ASSERT_EQ(b.recv<std::string>(), text) << size;
    }
}

TEST(Connection, short_and_long_messages_keep_their_order) {
    auto [a, b] = Pipe();
    std::thread sender([a = a] {
        for (unsigned i = 0; i < 60; ++i) a.send_bytes(random_bytes(i % 3 == 0 ? 200000 : i * 10, i));
    });
    for (unsigned i = 0; i < 60; ++i) ASSERT_EQ(b.recv_bytes(), random_bytes(i % 3 == 0 ? 200000 : i * 10, i)) << i;
    sender.join();
}

TEST(Connection, another_type_names_both) {
    auto [a, b] = Pipe();
    a.send(Point{1, 2});
    const std::string error = error_of<SerializationError>([&, b = b] { b.recv<std::vector<int>>(); });
    EXPECT_NE(error.find("Point"), std::string::npos) << error;
    EXPECT_NE(error.find("vector<int"), std::string::npos) << error;
    a.send_bytes("bytes");
    const std::string of_bytes = error_of<SerializationError>([&, b = b] { b.recv<int>(); });
    EXPECT_EQ(of_bytes, "received bytes of send_bytes where int was expected");
    a.send(5);
    EXPECT_EQ(b.recv<int>(), 5);
}

TEST(Connection, a_value_as_bytes) {
    auto [a, b] = Pipe();
    a.send('x');
    EXPECT_EQ(b.recv_bytes().size(), 9U);  // the fingerprint of its type, then the value
}

TEST(Connection, what_is_no_message) {
    auto [a, b] = Pipe();
    const std::string junk[] = {std::string(1, 'j'),  std::string(15, 'j'),  std::string(16, 'j'),
                                std::string(40, 'j'), std::string(16, '\0'), std::string(70000, '\xff')};
    for (const std::string& each : junk) {
        ASSERT_EQ(::write(a.fileno(), each.data(), each.size()), static_cast<ssize_t>(each.size()));
        EXPECT_EQ(error_of<SerializationError>([&, b = b] { b.recv<int>(); }),
                  "what was received is no message of a cohort::Pipe")
            << each.size();
    }
    a.send(1);
    EXPECT_EQ(b.recv<int>(), 1);
}

TEST(Connection, the_end_comes_after_what_was_sent) {
    auto [a, b] = Pipe();
    b.send(1);
    b.send(std::string(300000, 'x'));
    b.close();
    EXPECT_TRUE(a.poll());
    EXPECT_EQ(a.recv<int>(), 1);
    EXPECT_EQ(a.recv<std::string>().size(), 300000U);
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(a.poll());
        EXPECT_THROW(a.recv<int>(), EofError);
        EXPECT_THROW(a.recv_bytes(), EofError);
    }
}

TEST(Connection, nothing_is_lost_when_the_other_end_left_messages_unread) {
    auto [a, b] = Pipe();
    a.send("never read");
    b.send(1);
    b.send(2);
    b.close();
    EXPECT_EQ(a.recv<int>(), 1);
    EXPECT_EQ(a.recv<int>(), 2);
    EXPECT_THROW(a.recv<int>(), EofError);
}

TEST(Connection, sending_to_nobody) {
    auto [a, b] = Pipe();
    b.close();
    for (const std::size_t size : {0U, 100000U}) {
        const std::string text(size, 'x');
        EXPECT_NE(error_text(EPIPE, [&, a = a] { a.send_bytes(text); }), "");
    }
}

TEST(Connection, copies_are_one_connection) {
    auto [a, b] = Pipe();
    Connection copy = a, other;
    EXPECT_EQ(copy, a);
    EXPECT_NE(a, b);
    EXPECT_EQ(copy.fileno(), a.fileno());
    other = copy;
    copy.close();
    copy.close();
    EXPECT_TRUE(a.closed());
    EXPECT_TRUE(other.closed());
    EXPECT_THROW(b.recv<int>(), EofError);
}

TEST(Connection, the_last_copy_closes) {
    auto [a, b] = Pipe();
    {
        Connection first = std::move(a);
        const Connection second = first;
        second.send(1);
        EXPECT_TRUE(b.poll());
    }
    EXPECT_EQ(b.recv<int>(), 1);
    EXPECT_THROW(b.recv<int>(), EofError);
}

TEST(Connection, every_use_of_a_closed_one_is_an_error) {
    auto [a, b] = Pipe();
    a.close();
    std::vector<std::byte> buffer(1);
    for (const Connection& closed : {a, Connection()}) {
        EXPECT_TRUE(closed.closed());
        for (const auto& use : std::vector<std::function<void()>>{
                 [&] { closed.send(1); },
                 [&] { closed.recv<int>(); },
                 [&] { closed.send_bytes("1"); },
                 [&] { closed.recv_bytes(); },
                 [&] { closed.recv_bytes_into(buffer); },
                 [&] { closed.poll(); },
                 [&] { static_cast<void>(closed.fileno()); },
                 [&, b = b] { b.send(closed); },
             })
            EXPECT_EQ(error_of<ValueError>(use), "handle is closed");
        closed.close();
    }
    EXPECT_FALSE(Connection().readable());
    EXPECT_FALSE(Connection().writable());
}

TEST(Connection, poll_with_any_timeout) {
    auto [a, b] = Pipe();
    EXPECT_FALSE(b.poll());
    EXPECT_FALSE(b.poll(0s));
    EXPECT_FALSE(b.poll(-1s));
    EXPECT_FALSE(b.poll(-1000000h));
    const auto before = std::chrono::steady_clock::now();
    EXPECT_FALSE(b.poll(20ms));
    EXPECT_GE(std::chrono::steady_clock::now() - before, 20ms);
    a.send(1);
    EXPECT_TRUE(b.poll());
    EXPECT_TRUE(b.poll(forever));
    EXPECT_TRUE(b.poll(1000000000h));
    EXPECT_EQ(b.recv<int>(), 1);
}

TEST(Connection, bytes_may_be_a_list) {
    auto [a, b] = Pipe();
    a.send_bytes({});
    a.send_bytes({std::byte{1}, std::byte{2}});
    EXPECT_EQ(b.recv_bytes(), std::vector<std::byte>());
    EXPECT_EQ(b.recv_bytes(), (std::vector<std::byte>{std::byte{1}, std::byte{2}}));
}

TEST(Connection, a_context_closes) {
    auto [a, b] = Pipe();
    {
        const Connection first = std::move(a), second = std::move(b);
        first.send(1729);
        EXPECT_EQ(second.recv<int>(), 1729);
    }
    EXPECT_TRUE(a.closed());
    EXPECT_THROW(a.recv<int>(), ValueError);
}

}  // namespace
}  // namespace cohort::test
