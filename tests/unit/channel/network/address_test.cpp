// SPDX-License-Identifier: MIT
#include <cohort/channel/address.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>

#include <gtest/gtest.h>

#include <sstream>
#include <string>

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

TEST(Address, bad_ones_are_refused) {
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

}  // namespace
}  // namespace cohort::test
