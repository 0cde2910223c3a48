// SPDX-License-Identifier: MIT
#include "manager/message_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace cohort;
using manager::MessageBuffer;
using manager::OutgoingMessage;

constexpr std::size_t kLarge = std::size_t{1} << 20;

Object text(std::size_t size, char of = 'x') {
    return Object(std::string(size, of));
}

std::vector<std::byte> frame_of(const Object& value) {
    const auto message = pickle::dumps(value);
    const channel::FrameHeader header(message.size());
    std::vector<std::byte> frame(header.bytes().begin(), header.bytes().end());
    frame.insert(frame.end(), message.begin(), message.end());
    return frame;
}

/// What goes through a socket that takes so many bytes at a time, and at times makes who sends wait.
std::vector<std::byte> sent_by(OutgoingMessage message, std::size_t step) {
    std::vector<std::byte> all, memory;
    for (int i = 0; !message.empty(); ++i) {
        if (i == 1) message.move_to(memory);
        std::vector<std::byte> next(message.head().begin(), message.head().end());
        next.insert(next.end(), message.body().begin(), message.body().end());
        next.resize(std::min(next.size(), step));
        all.insert(all.end(), next.begin(), next.end());
        message.drop_front(next.size());
    }
    return all;
}

TEST(MessageBuffer, messages_follow_each_other) {
    MessageBuffer buffer;
    for (const std::size_t size : {0UL, 10UL, 65'536UL, 100'000UL, 1UL, 5'000'000UL, 3UL}) {
        EXPECT_EQ(buffer.write(text(size)).content(), pickle::dumps(text(size)));
        buffer.clear();
    }
}

TEST(MessageBuffer, a_message_is_sent_in_any_steps) {
    const Object several = Object::list({1, text(70'000), "short", text(200'000, 'y'), Object::bytes("end")});
    const Object long_without_large = Object::list(std::vector<Object>(10'000, text(100)));
    for (const Object& value : {Object("short"), text(kLarge), several, long_without_large})
        for (const std::size_t step : {1'000UL, 70'001UL, 10'000'000UL}) {
            MessageBuffer buffer;
            EXPECT_EQ(sent_by(buffer.write(value), step), frame_of(value));
        }
}

TEST(MessageBuffer, a_large_part_is_sent_from_where_it_is) {
    MessageBuffer buffer;
    const Object part = Object::bytes(std::vector<std::byte>(kLarge));
    const OutgoingMessage message = buffer.write(Object::tuple({1, part}));
    EXPECT_EQ(message.body().data(), part.as_bytes().data());
}

TEST(MessageBuffer, a_large_part_outlives_the_value) {
    MessageBuffer buffer;
    const OutgoingMessage message = buffer.write(Object::tuple({1, text(kLarge)}));
    EXPECT_EQ(message.content(), pickle::dumps(Object::tuple({1, text(kLarge)})));
}

TEST(MessageBuffer, a_large_int_is_copied) {
    MessageBuffer buffer;
    // 0x78 so many times, as a pickle of protocol 2: an int of 100,000 bytes.
    std::string pickled = std::string("\x80\x02\x8b\xa0\x86\x01\x00", 7) + std::string(100'000, 'x') + ".";
    const Object number = pickle::loads(std::as_bytes(std::span(pickled)));
    EXPECT_EQ(pickle::loads(buffer.write(number).content()), number);
}

TEST(MessageBuffer, the_memory_of_a_megabyte_stays) {
    MessageBuffer buffer;
    const Object value = Object::list(std::vector<Object>(10'000, text(100)));
    const auto* const first = buffer.write(value).head().data();
    buffer.clear();
    EXPECT_EQ(buffer.write(value).head().data(), first);
}

}  // namespace
