// SPDX-License-Identifier: MIT
#include "pool/callable_shelf.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

using cohort::pool::CallableKey;
using cohort::pool::CallableShelf;
using cohort::pool::ShelvedCallable;

namespace {

CallableKey key(std::uint64_t offset, std::uint64_t captured = 0) {
    return *CallableKey::of({1, offset}, std::as_bytes(std::span(&captured, 1)));
}

ShelvedCallable* put(CallableShelf& shelf, const CallableKey& callable) {
    ShelvedCallable* const room = shelf.room();
    if (room) {
        room->key = callable;
        room->is_there = true;
        ++room->users;
    }
    return room;
}

}  // namespace

TEST(CallableKey, is_what_is_written) {
    EXPECT_EQ(key(1, 2), key(1, 2));
    EXPECT_NE(key(1, 2), key(1, 3));
    EXPECT_NE(key(1, 2), key(2, 2));
    EXPECT_NE(key(1), *CallableKey::of({1, 1}, {}));
    const std::array<std::byte, 64> much{};
    EXPECT_FALSE(CallableKey::of({1, 1}, much));
}

TEST(CallableShelf, finds_what_is_there) {
    CallableShelf shelf;
    EXPECT_EQ(shelf.find(key(1)), nullptr);
    ShelvedCallable* const one = put(shelf, key(1));
    ShelvedCallable* const two = put(shelf, key(2));
    EXPECT_EQ(shelf.find(key(1)), one);
    EXPECT_EQ(shelf.find(key(2)), two);
    EXPECT_EQ(shelf.find(key(3)), nullptr);
}

TEST(CallableShelf, gives_only_places_that_nobody_needs) {
    CallableShelf shelf;
    std::uint64_t offset = 0;
    while (put(shelf, key(++offset))) {
    }
    ASSERT_GT(offset, 1u);
    ShelvedCallable* const one = shelf.find(key(1));
    ASSERT_NE(one, nullptr);
    one->users = 0;
    EXPECT_EQ(put(shelf, key(offset)), one);
    EXPECT_EQ(shelf.find(key(1)), nullptr);
    EXPECT_EQ(shelf.find(key(offset)), one);
}
