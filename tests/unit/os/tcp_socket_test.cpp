// SPDX-License-Identifier: MIT
#include "os/tcp_socket.hpp"

#include "os/file.hpp"

#include <cohort/base/bytes.hpp>

#include <gtest/gtest.h>
#include <netdb.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace {

using namespace cohort::os;
using namespace std::chrono_literals;
using cohort::Deadline;
using cohort::Descriptor;

TEST(TcpSocket, connects_to_a_free_port) {
    Descriptor listening = tcp_listen({"127.0.0.1", 0}, 5);
    TcpAddress address = tcp_address(local_address(listening.get()));
    EXPECT_EQ(address.host, "127.0.0.1");
    EXPECT_NE(address.port, 0);
    Descriptor client = tcp_connect(address, Deadline(10s));
    Descriptor served = accept_from(listening.get(), Deadline(cohort::forever));
    EXPECT_EQ(tcp_address(peer_address(client.get())).port, address.port);
    write_all(client.get(), cohort::detail::bytes_of("!"));
    std::array<std::byte, 4> buffer{};
    EXPECT_EQ(read_some(served.get(), buffer), 1U);
}

TEST(TcpSocket, nobody_there_is_an_error_that_names_the_address) {
    TcpAddress address = tcp_address(local_address(tcp_listen({"127.0.0.1", 0}, 1).get()));
    try {
        tcp_connect(address, Deadline(10s));
        FAIL();
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code().value(), ECONNREFUSED);
        EXPECT_NE(std::string(error.what()).find("'127.0.0.1':" + std::to_string(address.port)), std::string::npos);
    }
}

TEST(TcpSocket, a_host_that_is_not_known_is_an_error_of_the_resolver) {
    try {
        tcp_connect({"256.256.256.256", 1}, Deadline(1s));
        FAIL();
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code().category(), address_category());
        EXPECT_NE(std::string(error.what()).find("256.256.256.256"), std::string::npos);
    }
}

}  // namespace
