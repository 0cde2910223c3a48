// SPDX-License-Identifier: MIT
#include "channel/network/frame.hpp"

#include <cohort/base/errors.hpp>

#include "support/error_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>

namespace cohort::test {
namespace {

using channel::FrameHeader;
using channel::FrameReader;
using namespace std::string_literals;

std::string text_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string header_of(std::size_t length) {
    const FrameHeader header(length);
    return text_of(header.bytes());
}

/// Gives bytes to a reader, at most `step` at a time. Returns what is left behind the message.
std::string_view feed(FrameReader& reader, std::string_view bytes, std::size_t step) {
    while (!bytes.empty()) {
        const auto room = reader.room();
        const auto part = bytes.substr(0, std::min(step, room.size()));
        std::ranges::copy(std::as_bytes(std::span(part)), room.begin());
        bytes.remove_prefix(part.size());
        if (reader.add(part.size())) break;
    }
    return bytes;
}

TEST(Frame, headers) {
    EXPECT_EQ(header_of(0), "\0\0\0\0"s);
    EXPECT_EQ(header_of(258), "\0\0\1\2"s);
    EXPECT_EQ(header_of(0x7fffffff), "\x7f\xff\xff\xff"s);
    EXPECT_EQ(header_of(0x80000000), "\xff\xff\xff\xff\0\0\0\0\x80\0\0\0"s);
    EXPECT_EQ(header_of(std::size_t{1} << 32), "\xff\xff\xff\xff\0\0\0\1\0\0\0\0"s);
}

TEST(Frame, messages_in_steps_of_any_size) {
    const std::string long_text(3'000'000, 'x');
    for (const std::size_t step : {1U, 3U, 5U, 1000U, 100'000'000U}) {
        FrameReader reader;
        for (const std::string& text : {"hello"s, ""s, "a"s, step == 1 ? "b"s : long_text, "c"s}) {
            reader.begin();
            EXPECT_FALSE(reader.begun());
            const std::string bytes = header_of(text.size()) + text + "next";
            EXPECT_EQ(feed(reader, bytes, step), "next");
            EXPECT_EQ(text_of(reader.message()), text);
            reader.clear();
        }
    }
}

TEST(Frame, takes_from_the_front_what_belongs_to_the_message) {
    const std::string sent = header_of(5) + "helloagain";
    for (std::size_t first = 1; first != 9; ++first) {
        FrameReader reader;
        reader.begin();
        auto bytes = std::as_bytes(std::span(sent)).first(first);
        EXPECT_FALSE(reader.take(bytes));
        EXPECT_TRUE(bytes.empty());
        bytes = std::as_bytes(std::span(sent)).subspan(first);
        EXPECT_TRUE(reader.take(bytes));
        EXPECT_EQ(text_of(reader.message()), "hello");
        EXPECT_EQ(text_of(bytes), "again");
    }
}

TEST(Frame, a_short_message_with_the_long_header) {
    FrameReader reader;
    EXPECT_EQ(feed(reader, "\xff\xff\xff\xff\0\0\0\0\0\0\0\3abcnext"s, 2), "next");
    EXPECT_EQ(text_of(reader.message()), "abc");
}

TEST(Frame, an_empty_message_with_the_long_header) {
    FrameReader reader;
    EXPECT_EQ(feed(reader, "\xff\xff\xff\xff\0\0\0\0\0\0\0\0next"s, 100), "next");
    EXPECT_EQ(text_of(reader.message()), "");
}

TEST(Frame, the_memory_of_a_long_message_can_be_taken) {
    const std::string text(FrameReader::kShort + 1, 'x');
    FrameReader reader;
    feed(reader, header_of(text.size()) + text, 100'000);
    const auto message = reader.message();
    const auto memory = reader.take_memory();
    EXPECT_EQ(memory.get(), message.data());
    reader.begin();
    feed(reader, header_of(5) + "hello", 100'000);
    EXPECT_EQ(text_of(reader.message()), "hello");
    EXPECT_EQ(text_of(message), text);
}

TEST(Frame, the_memory_of_a_short_message_stays) {
    FrameReader reader;
    feed(reader, header_of(5) + "hello", 100);
    EXPECT_EQ(reader.take_memory(), nullptr);
    EXPECT_EQ(text_of(reader.message()), "hello");
}

TEST(Frame, memory_of_which_most_is_not_the_messages_stays) {
    FrameReader reader;
    feed(reader, header_of(1'000'000) + std::string(1'000'000, 'x'), 1'000'000);
    reader.begin();
    feed(reader, header_of(100'000) + std::string(100'000, 'y'), 100'000);
    EXPECT_EQ(reader.take_memory(), nullptr);
    EXPECT_EQ(text_of(reader.message()), std::string(100'000, 'y'));
}

TEST(Frame, what_is_longer_than_allowed_is_refused_at_the_header) {
    FrameReader reader;
    reader.begin(3);
    EXPECT_EQ(feed(reader, header_of(3) + "abc", 100), "");
    reader.begin(3);
    EXPECT_EQ(error_text<ValueError>([&] { feed(reader, header_of(4), 100); }), "bad message length");
}

TEST(Frame, negative_lengths_are_refused) {
    for (const std::string& header : {"\xff\xff\xff\xfe"s, "\x80\0\0\0"s}) {
        FrameReader reader;
        EXPECT_THROW(feed(reader, header, 100), SerializationError);
    }
}

TEST(Frame, what_no_memory_holds_is_refused_at_the_header) {
    for (const std::string& length : {"\0\1\0\0\0\0\0\0"s, "\xff\xff\xff\xff\xff\xff\xff\xff"s}) {
        FrameReader reader;
        EXPECT_NE(error_text(ENOMEM, [&] { feed(reader, "\xff\xff\xff\xff" + length, 100); }), "");
    }
}

TEST(Frame, memory_grows_with_what_has_arrived) {
    FrameReader reader;
    feed(reader, header_of(0x7fffffff), 4);
    EXPECT_LE(reader.room().size(), FrameReader::kFirstStep);
    const std::string part(FrameReader::kFirstStep, 'x');
    feed(reader, part, part.size());
    EXPECT_LE(reader.room().size(), FrameReader::kFirstStep);
    feed(reader, part, part.size());
    EXPECT_LE(reader.room().size(), 2 * FrameReader::kFirstStep);
}

}  // namespace
}  // namespace cohort::test
