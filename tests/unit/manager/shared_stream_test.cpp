// SPDX-License-Identifier: MIT
#include "manager/shared_stream.hpp"

#include "os/memfd.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using namespace cohort;
using manager::SharedStream;

using Bytes = std::vector<std::byte>;

struct Sides {
    SharedStream server = SharedStream::create();
    SharedStream client = SharedStream::attach(server.take_descriptor());
};

Bytes numbered(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i != size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 251);
    return bytes;
}

void send_all(SharedStream& stream, std::span<const std::byte> bytes) {
    while (!bytes.empty()) bytes = bytes.subspan(stream.send(bytes, {}));
}

Bytes receive_all(SharedStream& stream, std::size_t size, std::size_t step) {
    Bytes bytes(size);
    for (std::size_t have = 0; have != size;)
        have += stream.receive(std::span(bytes).subspan(have, std::min(step, size - have)));
    return bytes;
}

TEST(SharedStream, bytes_arrive_in_both_directions_in_their_order) {
    Sides sides;
    for (const std::size_t size : {1UL, 100UL, 4079UL, 4080UL, 4081UL, 65279UL, 1000003UL})
        for (const std::size_t step : {7UL, 4080UL, 100000UL}) {
            const Bytes sent = numbered(size);
            std::thread server([&] { send_all(sides.server, receive_all(sides.server, size, step)); });
            send_all(sides.client, sent);
            EXPECT_EQ(receive_all(sides.client, size, step), sent);
            server.join();
        }
}

TEST(SharedStream, two_parts_are_sent_as_one) {
    Sides sides;
    const Bytes head = numbered(5), body = numbered(6000);
    EXPECT_EQ(sides.server.send(head, body), 6005U);
    Bytes both = head;
    both.insert(both.end(), body.begin(), body.end());
    EXPECT_EQ(receive_all(sides.client, 6005, 6005), both);
}

TEST(SharedStream, what_finds_no_room_is_not_sent) {
    Sides sides;
    const Bytes much = numbered(100000);
    const std::size_t room = sides.client.send(much, {});
    EXPECT_LT(room, much.size());
    EXPECT_FALSE(sides.client.writable());
    EXPECT_EQ(sides.client.send(much, {}), 0U);
    EXPECT_EQ(receive_all(sides.server, room, room), Bytes(much.begin(), much.begin() + static_cast<long>(room)));
    EXPECT_FALSE(sides.server.readable());
    EXPECT_TRUE(sides.client.writable());
}

TEST(SharedStream, the_client_is_told_of_a_crowd) {
    Sides sides;
    EXPECT_FALSE(sides.client.in_crowd());
    sides.server.tell_crowd(true);
    EXPECT_TRUE(sides.client.in_crowd());
    sides.server.tell_crowd(false);
    EXPECT_FALSE(sides.client.in_crowd());
}

TEST(SharedStream, a_sleeper_is_taken_once) {
    Sides sides;
    EXPECT_FALSE(sides.client.takes_sleeper());
    sides.server.announce_sleep();
    EXPECT_TRUE(sides.client.takes_sleeper());
    EXPECT_FALSE(sides.client.takes_sleeper());
    sides.client.announce_sleep();
    sides.client.awake();
    EXPECT_FALSE(sides.server.takes_sleeper());
}

TEST(SharedStream, other_memory_is_refused) {
    EXPECT_THROW(SharedStream::attach(os::memfd_of_fixed_size("test", 4096)), std::runtime_error);
    SharedStream server = SharedStream::create();
    const Descriptor memory = server.take_descriptor();
    EXPECT_THROW(SharedStream::attach(os::memfd_of_fixed_size("test", os::size(memory.get()))), std::runtime_error);
}

TEST(SharedStream, nobody_can_take_the_memory_away) {
    SharedStream server = SharedStream::create();
    const Descriptor memory = server.take_descriptor();
    EXPECT_THROW(os::resize(memory.get(), 0), std::system_error);
}

// Whatever stands in the memory, no byte outside of it is read or written.
TEST(SharedStream, lengths_that_lie_are_cut) {
    SharedStream server = SharedStream::create();
    const Descriptor memory = server.take_descriptor();
    const os::Mapping raw = os::Mapping::map_shared(memory.get(), os::size(memory.get()));
    SharedStream client = SharedStream::attach(memory);
    EXPECT_EQ(client.send(numbered(10), {}), 10U);
    auto* words = reinterpret_cast<std::uint64_t*>(raw.data());
    for (std::size_t i = 0; i != raw.size() / sizeof *words; ++i)
        if (words[i] == 10) words[i] = ~std::uint64_t{0};
    Bytes buffer(100000);
    EXPECT_LE(server.receive(buffer), 4096U);
}

}  // namespace
