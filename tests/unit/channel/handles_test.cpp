// SPDX-License-Identifier: MIT
// Handles within messages: connections and descriptors, alone and in other values.
#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/os/descriptor.hpp>

#include "os/file.hpp"
#include "os/memfd_message.hpp"
#include "serial/carried_descriptors.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace cohort::test {
namespace {

struct Order {
    std::string name;
    Connection reply;
};

struct Several {
    std::map<std::string, Connection> by_name;
    std::optional<Connection> perhaps;
    std::tuple<int, Connection> numbered;
};

Descriptor file_with(const std::string& text) {
    return os::memfd_with("test", std::as_bytes(std::span(text)));
}

std::string content_of(const Descriptor& file) {
    const auto bytes = os::memfd_content(file.get()).value();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(HandlesInMessages, a_connection_in_a_struct) {
    auto [a, b] = Pipe();
    auto [reply, replier] = Pipe({.duplex = false});
    a.send(Order{"name", replier});
    const auto order = b.recv<Order>();
    EXPECT_EQ(order.name, "name");
    EXPECT_TRUE(order.reply.writable());
    EXPECT_FALSE(order.reply.readable());
    order.reply.send(5);
    EXPECT_EQ(reply.recv<int>(), 5);
}

TEST(HandlesInMessages, connections_in_containers) {
    auto [a, b] = Pipe();
    auto [first, second] = Pipe();
    a.send(Several{{{"one", first}}, second, {3, first}});
    const auto got = b.recv<Several>();
    got.by_name.at("one").send("text");
    EXPECT_EQ(got.perhaps->recv<std::string>(), "text");
    EXPECT_EQ(std::get<1>(got.numbered), got.by_name.at("one"));
}

// All handles of an end in a process are copies of each other, however they came.
TEST(HandlesInMessages, a_connection_that_is_here_already) {
    auto [a, b] = Pipe();
    auto [first, second] = Pipe();
    a.send(first);
    const auto same = b.recv<Connection>();
    EXPECT_EQ(same, first);
    EXPECT_EQ(same.fileno(), first.fileno());
    same.close();
    EXPECT_TRUE(first.closed());
    EXPECT_THROW(second.recv<int>(), EofError);
}

TEST(HandlesInMessages, a_connection_that_was_closed_here) {
    auto [a, b] = Pipe();
    auto [first, second] = Pipe();
    a.send(first);
    first.close();
    EXPECT_FALSE(second.poll());  // the one on its way keeps the pipe open
    const auto again = b.recv<Connection>();
    EXPECT_NE(again, first);
    again.send(1);
    EXPECT_EQ(second.recv<int>(), 1);
}

TEST(HandlesInMessages, one_that_is_never_received_is_closed) {
    auto [first, second] = Pipe();
    {
        auto [a, b] = Pipe();
        a.send(first);
        first.close();
        EXPECT_FALSE(second.poll());
    }
    EXPECT_THROW(second.recv<int>(), EofError);
}

TEST(HandlesInMessages, a_message_of_another_type_closes_what_it_brings) {
    auto [a, b] = Pipe();
    auto [first, second] = Pipe();
    a.send(first);
    first.close();
    EXPECT_THROW(b.recv<int>(), SerializationError);
    EXPECT_THROW(second.recv<int>(), EofError);
}

TEST(HandlesInMessages, descriptors) {
    auto [a, b] = Pipe();
    const Descriptor file = file_with("text");
    a.send(file);
    a.send(Descriptor());
    std::vector<Descriptor> many;
    for (const char* text : {"one", "two"}) many.push_back(file_with(text));
    a.send(many);
    a.send(std::tuple<std::string, Descriptor>(std::string(100000, 'x'), file_with("with a long text")));
    const auto received = b.recv<Descriptor>();
    EXPECT_NE(received.get(), file.get());
    EXPECT_EQ(content_of(received), "text");
    EXPECT_EQ(content_of(file), "text");
    EXPECT_FALSE(b.recv<Descriptor>());
    const auto two = b.recv<std::vector<Descriptor>>();
    EXPECT_EQ(content_of(two.at(1)), "two");
    const auto [text, last] = b.recv<std::tuple<std::string, Descriptor>>();
    EXPECT_EQ(text.size(), 100000U);
    EXPECT_EQ(content_of(last), "with a long text");
}

TEST(HandlesInMessages, as_many_as_a_packet_carries) {
    auto [a, b] = Pipe();
    const Descriptor file = file_with("");
    std::vector<Descriptor> most;
    for (int i = 0; i < 252; ++i) most.push_back(os::duplicate(file.get()));
    a.send(most);
    EXPECT_EQ(b.recv<std::vector<Descriptor>>().size(), most.size());
    most.push_back(os::duplicate(file.get()));
    EXPECT_THROW(a.send(most), SerializationError);
    EXPECT_FALSE(b.poll());
}

TEST(HandlesInMessages, where_no_descriptors_are_carried) {
    auto [a, b] = Pipe();
    serial::BufferSink sink;
    EXPECT_THROW(serial::write(sink, a), SerializationError);
    EXPECT_THROW(serial::write(sink, file_with("")), SerializationError);
    serial::BufferSink taken_twice;
    serial::OutgoingDescriptors carrier(true);
    taken_twice.set_carrier(&carrier);
    serial::write(taken_twice, a);
    serial::Source source(taken_twice.bytes(), serial::Trust::channel);
    EXPECT_THROW(serial::read<Connection>(source), SerializationError);
    serial::IncomingDescriptors nothing;
    serial::Source other(taken_twice.bytes(), serial::Trust::channel);
    other.set_carrier(&nothing);
    EXPECT_THROW(serial::read<Connection>(other), SerializationError);
}

}  // namespace
}  // namespace cohort::test
