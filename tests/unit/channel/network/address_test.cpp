// SPDX-License-Identifier: MIT
#include <cohort/channel/address.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/source.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::string_literals;

TEST(Address, of_tcp) {
    const auto address = Address::tcp("localhost", 5000);
    EXPECT_TRUE(address.is_tcp());
    EXPECT_FALSE(address.is_unix());
    EXPECT_EQ(address.host(), "localhost");
    EXPECT_EQ(address.port(), 5000);
    EXPECT_EQ(address.path(), "");
    EXPECT_EQ(address.to_string(), "localhost:5000");
    EXPECT_EQ(Address::tcp("::1", 80).to_string(), "[::1]:80");
    EXPECT_EQ(Address::tcp("", 80).to_string(), ":80");
}

TEST(Address, of_a_path) {
    const auto address = Address::unix("/tmp/socket");
    EXPECT_TRUE(address.is_unix());
    EXPECT_EQ(address.path(), "/tmp/socket");
    EXPECT_EQ(address.host(), "");
    EXPECT_EQ(address.port(), 0);
    std::ostringstream text;
    text << address;
    EXPECT_EQ(text.str(), "/tmp/socket");
}

TEST(Address, of_a_name_that_is_no_file) {
    const auto address = Address::abstract_unix("name");
    EXPECT_EQ(address.path(), "\0name"s);
    EXPECT_EQ(address, Address::unix("\0name"s));
    EXPECT_EQ(address.to_string(), "@name");
}

TEST(Address, none) {
    const Address unset;
    EXPECT_FALSE(unset);
    EXPECT_FALSE(unset.is_tcp());
    EXPECT_FALSE(unset.is_unix());
    EXPECT_EQ(unset.to_string(), "");
    EXPECT_TRUE(Address::tcp("", 0));
}

TEST(Address, its_text_is_read_back) {
    for (const auto& each : {Address::tcp("10.0.0.1", 65535), Address::tcp("::1", 1), Address::tcp("", 0),
                             Address::unix("/a/b"), Address::unix("./b"), Address::abstract_unix("x:1")})
        EXPECT_EQ(Address::parse(each.to_string()), each) << each;
}

TEST(Address, the_text_of_a_path_without_a_slash_names_the_same_socket) {
    EXPECT_EQ(Address::unix("sock").to_string(), "./sock");
    EXPECT_EQ(Address::parse(Address::unix("sock").to_string()).path(), "./sock");
    EXPECT_EQ(Address::parse(Address::unix("@name").to_string()).path(), "./@name");
    EXPECT_EQ(Address::parse(Address::unix("@folder/socket").to_string()).path(), "./@folder/socket");
    EXPECT_EQ(Address::parse(Address::unix("host:1").to_string()).path(), "./host:1");
}

TEST(Address, bad_ones_are_refused) {
    for (const char* host : {"/", "a/b", "@host", R"(\host)"}) EXPECT_THROW(Address::tcp(host, 1), ValueError) << host;
    EXPECT_THROW(Address::tcp("host", -1), ValueError);
    EXPECT_THROW(Address::tcp("host", 65536), ValueError);
    EXPECT_THROW(Address::tcp("ho\0st"s, 1), ValueError);
    EXPECT_THROW(Address::unix(""), ValueError);
    EXPECT_THROW(Address::unix("/a\0b"s), ValueError);
    EXPECT_THROW(Address::unix(R"(\\.\test)"), ValueError);
    for (const char* text : {"", "host", "host:", "host:x", "host:1x", "host:65536", "host:-1", R"(\\.\test)"})
        EXPECT_THROW(Address::parse(text), ValueError) << text;
}

TEST(Address, travels) {
    auto [a, b] = Pipe();
    for (const auto& each : {Address(), Address::tcp("host", 7), Address::abstract_unix("name")}) {
        a.send(each);
        EXPECT_EQ(b.recv<Address>(), each);
    }
}

/// What stands in a message for an address.
struct Described {
    std::uint8_t family;
    std::uint16_t port;
    std::string name;
};

TEST(Address, a_message_with_one_that_cannot_be_is_refused) {
    const std::vector<Described> bad{{0, 0, "name"},    {0, 1, ""},       {1, 1, "ho\0st"s}, {1, 1, "a/b"},
                                     {2, 1, "/socket"}, {2, 0, "/a\0b"s}, {2, 0, ""},        {9, 0, ""}};
    for (const auto& [family, port, name] : bad) {
        serial::BufferSink sink;
        serial::write(sink, family);
        serial::write(sink, port);
        serial::write(sink, name);
        serial::Source source(sink.bytes(), serial::Trust::none);
        EXPECT_THROW(serial::read<Address>(source), SerializationError) << int{family} << ' ' << name;
    }
}

}  // namespace
}  // namespace cohort::test
