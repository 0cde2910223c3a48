// SPDX-License-Identifier: MIT
// What CPython's _TestConnection and _TestPicklingConnections show, for each start method.
#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/os/descriptor.hpp>

#include "conformance/start_methods.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

class TestConnection : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, TestConnection, kEveryStartMethod, name_of);
class TestPicklingConnections : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, TestPicklingConnections, kEveryStartMethod, name_of);

std::vector<std::byte> bytes_of(std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
    return {bytes.begin(), bytes.end()};
}

/// Sends back every message until an empty one comes.
void echo(const Connection& connection) {
    for (auto message = connection.recv_bytes(); !message.empty(); message = connection.recv_bytes())
        connection.send_bytes(message);
    connection.close();
}

void echo_values(const Connection& connection) {
    using Values = std::tuple<int, double, std::optional<int>>;
    connection.send(connection.recv<Values>());
    connection.recv<int>();  // until the other side has looked
    connection.send<std::optional<int>>(std::nullopt);
}

TEST_P(TestConnection, connection) {
    auto [connection, child_end] = Pipe();
    Process child = start(echo, child_end);
    const std::string text = "hello world";
    connection.send_bytes(text);
    EXPECT_EQ(connection.recv_bytes(), bytes_of(text));

    const int numbers[] = {0, 1, 2, 3};
    std::vector<int> buffer(10), expected{0, 0, 0, 0, 1, 2, 3, 0, 0, 0};
    connection.send_bytes(std::as_bytes(std::span(numbers)));
    EXPECT_EQ(connection.recv_bytes_into(std::as_writable_bytes(std::span(buffer)), 3 * sizeof(int)), sizeof numbers);
    EXPECT_EQ(buffer, expected);

    const std::string long_text(110, 'l');
    std::vector<std::byte> small(40);
    connection.send_bytes(long_text);
    try {
        connection.recv_bytes_into(small);
        ADD_FAILURE();
    } catch (const BufferTooShort& error) {
        EXPECT_EQ(error.message(), bytes_of(long_text));
    }

    const std::vector<std::byte> really_big(std::size_t{16} << 20, std::byte{'X'});
    connection.send_bytes(really_big);
    EXPECT_EQ(connection.recv_bytes(), really_big);

    connection.send_bytes("");  // tells the child to end
    child_end.close();
    EXPECT_TRUE(connection.readable());
    EXPECT_TRUE(connection.writable());
    EXPECT_THROW(connection.recv<int>(), EofError);
    EXPECT_THROW(connection.recv_bytes(), EofError);
    child.join();
    EXPECT_EQ(child.exitcode(), 0);
}

TEST_P(TestConnection, connection_with_values) {
    auto [connection, child_end] = Pipe();
    Process child = start(echo_values, std::move(child_end));
    const std::tuple<int, double, std::optional<int>> values{1, 2.25, std::nullopt};
    connection.send(values);
    EXPECT_EQ((connection.recv<std::tuple<int, double, std::optional<int>>>()), values);
    EXPECT_FALSE(connection.poll());
    EXPECT_FALSE(connection.poll(-1s));
    EXPECT_FALSE(connection.poll(20ms));
    connection.send(0);
    EXPECT_TRUE(connection.poll(forever));
    EXPECT_EQ(connection.recv<std::optional<int>>(), std::nullopt);
    child.join();
}

// The child's end may be closed here before the child has begun.
TEST_P(TestConnection, spawn_close) {
    auto [connection, child_end] = Pipe();
    Process child = start(echo, child_end);
    child_end.close();
    connection.send_bytes("hello");
    EXPECT_EQ(connection.recv_bytes(), bytes_of("hello"));
    connection.send_bytes("");
    connection.close();
    child.join();
    EXPECT_EQ(child.exitcode(), 0);
}

void write_to_received(const Connection& connection, const std::string& text, bool crowded) {
    if (crowded)
        for (int number = 3; number < 256; ++number)
            if (::fcntl(number, F_GETFD) < 0) ::dup2(STDERR_FILENO, number);
    const auto file = connection.recv<Descriptor>();
    const bool written = ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    connection.send(written ? file.get() : -1);
}

TEST_P(TestConnection, fd_transfer) {
    auto [connection, child_end] = Pipe();
    Process child = start(write_to_received, std::move(child_end), "foo", false);
    const std::string path = file("received");
    connection.send(Descriptor(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)));
    EXPECT_GE(connection.recv<int>(), 0);
    child.join();
    EXPECT_EQ(text_of(path), "foo");
}

TEST_P(TestConnection, large_fd_transfer) {
    auto [connection, child_end] = Pipe();
    Process child = start(write_to_received, std::move(child_end), "bar", true);
    const std::string path = file("received");
    const Descriptor low(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    connection.send(Descriptor(::fcntl(low.get(), F_DUPFD_CLOEXEC, 300)));
    EXPECT_GE(connection.recv<int>(), 256);
    child.join();
    EXPECT_EQ(text_of(path), "bar");
}

void send_without_descriptor(const Connection& connection) {
    if (::write(connection.fileno(), "", 1) != 1) std::abort();
    connection.send(7);
}

TEST_P(TestConnection, missing_fd_transfer) {
    auto [connection, child_end] = Pipe();
    Process child = start(send_without_descriptor, std::move(child_end));
    EXPECT_THROW(connection.recv<Descriptor>(), SerializationError);
    EXPECT_THROW(connection.recv<Descriptor>(), SerializationError);
    child.join();
}

// --- Connections and sockets that are sent between processes ---

void serve_once(const Connection& connection) {
    const Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener.get(), 1) != 0 ||
        ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        std::abort();
    connection.send(ntohs(address.sin_port));
    connection.send(Descriptor(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)));
    auto [ours, theirs] = Pipe();
    connection.send(theirs);
    ours.send(ours.recv<std::string>() + "!");
}

void call_once(const Connection& connection) {
    const auto [port, message] = connection.recv<std::pair<std::uint16_t, std::string>>();
    const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
    if (::write(socket.get(), message.data(), message.size()) != static_cast<ssize_t>(message.size())) std::abort();
}

std::string read_all(const Descriptor& socket) {
    std::string all;
    char buffer[100];
    for (ssize_t got; (got = ::read(socket.get(), buffer, sizeof buffer)) > 0;)
        all.append(buffer, static_cast<std::size_t>(got));
    return all;
}

TEST_P(TestPicklingConnections, pickling) {
    auto [server, server_end] = Pipe();
    auto [client, client_end] = Pipe();
    Process serving = start(serve_once, std::move(server_end));
    Process calling = start(call_once, std::move(client_end));
    client.send(std::pair{server.recv<std::uint16_t>(), std::string("this connection is a socket")});
    EXPECT_EQ(read_all(server.recv<Descriptor>()), "this connection is a socket");
    const auto received = server.recv<Connection>();
    received.send("and this is a pipe");
    EXPECT_EQ(received.recv<std::string>(), "and this is a pipe!");
    serving.join();
    calling.join();
    EXPECT_THROW(received.recv<std::string>(), EofError);
}

void use_received_ends(const Connection& connection) {
    {
        const auto writer = connection.recv<Connection>();
        writer.send("all is well");
    }
    const auto reader = connection.recv<Connection>();
    const auto message = reader.recv<std::string>();
    connection.send(message + message);
}

TEST_P(TestPicklingConnections, access) {
    auto [connection, child_end] = Pipe();
    Process child = start(use_received_ends, std::move(child_end));
    {
        auto [reader, writer] = Pipe({.duplex = false});
        connection.send(writer);
        writer.close();
        EXPECT_EQ(reader.recv<std::string>(), "all is well");
        EXPECT_THROW(reader.recv<std::string>(), EofError);
    }
    auto [reader, writer] = Pipe({.duplex = false});
    connection.send(reader);
    reader.close();
    writer.send("foobar");
    EXPECT_EQ(connection.recv<std::string>(), "foobarfoobar");
    child.join();
    EXPECT_EQ(child.exitcode(), 0);
}

}  // namespace
}  // namespace cohort::test
