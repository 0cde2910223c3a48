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

TEST(TcpSocket, ipv4_comes_first) {
    EXPECT_EQ(tcp_address(local_address(tcp_listen({"localhost", 0}, 1).get())).host, "127.0.0.1");
}

TEST(TcpSocket, who_can_reach_an_address) {
    const auto is_local_at = [](const char* host) { return is_local(local_address(tcp_listen({host, 0}, 1).get())); };
    EXPECT_TRUE(is_local_at("127.0.0.1"));
    EXPECT_TRUE(is_local_at("127.1.2.3"));
    EXPECT_FALSE(is_local_at(""));
    EXPECT_FALSE(is_local_at("0.0.0.0"));
}

TEST(TcpSocket, a_stream_that_is_shut_down) {
    Descriptor listening = tcp_listen({"127.0.0.1", 0}, 5);
    Descriptor client = tcp_connect(tcp_address(local_address(listening.get())), Deadline(10s));
    SocketAddress peer;
    Descriptor served = accept_from(listening.get(), Deadline(cohort::forever), &peer);
    EXPECT_EQ(tcp_address(peer).port, tcp_address(local_address(client.get())).port);
    std::array<std::byte, 4> buffer{};
    EXPECT_EQ(receive_stream(client.get(), buffer, MSG_DONTWAIT, {}), std::nullopt);
    EXPECT_EQ(send_stream(served.get(), cohort::detail::bytes_of("a"), cohort::detail::bytes_of("bc"), 0, {}), 3U);
    EXPECT_EQ(receive_stream(client.get(), std::span(buffer).first(3), MSG_WAITALL, {}), 3U);
    shut_down(served.get());
    shut_down(served.get());
    EXPECT_EQ(receive_stream(client.get(), buffer, 0, {}), 0U);
    try {
        send_stream(served.get(), buffer, {}, 0, "the peer");
        FAIL();
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code().value(), EPIPE);
        EXPECT_NE(std::string(error.what()).find("the peer"), std::string::npos);
    }
}

}  // namespace
