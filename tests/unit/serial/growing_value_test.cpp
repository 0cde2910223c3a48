// SPDX-License-Identifier: MIT
#include <cohort/serial/growing_value.hpp>

#include <cohort/base/errors.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <vector>

using cohort::SerializationError;
using cohort::serial::BufferSink;
using cohort::serial::GrowingValueOf;
using cohort::serial::Source;

namespace {

template <class T>
std::vector<std::byte> message_of(const T& value) {
    BufferSink sink;
    cohort::serial::write(sink, value);
    return {sink.bytes().begin(), sink.bytes().end()};
}

template <class T>
T read_in_parts(const std::vector<std::byte>& message, std::size_t first, std::size_t part) {
    GrowingValueOf<T> value;
    const auto add = [&](std::span<const std::byte> bytes) {
        Source source(bytes);
        value.add(source);
        EXPECT_EQ(source.left(), 0u);
    };
    add(std::span(message).first(first));
    for (std::size_t at = first; at < message.size(); at += part) {
        EXPECT_EQ(value.left(), message.size() - at);
        add(std::span(message).subspan(at, std::min(part, message.size() - at)));
    }
    EXPECT_EQ(value.left(), 0u);
    return value.take();
}

using Triple = std::array<std::int32_t, 3>;

std::vector<Triple> triples(int count) {
    std::vector<Triple> all;
    for (int i = 0; i != count; ++i) all.push_back({i, -i, 7 * i});
    return all;
}

/// Gives the rest of a message in parts.
class Parts final : public cohort::serial::Rest {
public:
    explicit Parts(std::span<const std::byte> bytes) : bytes_(bytes) {}
    std::span<const std::byte> next(std::size_t left) override {
        EXPECT_EQ(left, bytes_.size());
        const auto part = bytes_.first(std::min<std::size_t>(5, bytes_.size()));
        bytes_ = bytes_.subspan(part.size());
        return part;
    }

private:
    std::span<const std::byte> bytes_;
};

}  // namespace

TEST(GrowingValue, may_be_cut_anywhere) {
    std::string text(1000, 'a');
    std::iota(text.begin(), text.end(), 'a');
    for (const std::size_t part : {1u, 7u, 12u, 4096u}) {
        for (const std::size_t first : {2u, 3u, 14u}) {
            EXPECT_EQ(read_in_parts<std::string>(message_of(text), first, part), text);
            EXPECT_EQ(read_in_parts<std::vector<Triple>>(message_of(triples(200)), first, part), triples(200));
        }
    }
}

TEST(GrowingValue, that_has_no_items_is_whole_at_once) {
    EXPECT_EQ(read_in_parts<std::vector<int>>(message_of(std::vector<int>()), 1, 1), std::vector<int>());
}

TEST(GrowingValue, has_the_items_that_it_announces) {
    const auto message = message_of(std::vector<int>{1, 2, 3});
    GrowingValueOf<std::vector<int>> value;
    Source first{std::span(message).first(message.size() - 1)};
    value.add(first);
    EXPECT_THROW(value.take(), SerializationError);
    Source too_much(message);
    EXPECT_THROW(value.add(too_much), SerializationError);
    GrowingValueOf<std::vector<int>> never;
    EXPECT_THROW(never.take(), SerializationError);
}

TEST(GrowingValue, is_read_from_a_source_with_a_rest) {
    const auto message = message_of(triples(20));
    Source source{std::span(message).first(1)};
    Parts rest{std::span(message).subspan(1)};
    source.set_rest(&rest);
    EXPECT_EQ(cohort::serial::read_with_rest<std::vector<Triple>>(source), triples(20));
    Source whole(message);
    EXPECT_EQ(cohort::serial::read_with_rest<std::vector<Triple>>(whole), triples(20));
}
