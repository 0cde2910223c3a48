// SPDX-License-Identifier: MIT
// What CPython's _TestListener, _TestListenerClient, TestInvalidFamily and TestIgnoreEINTR.test_ignore_listener show.
#include <cohort/base/errors.hpp>
#include <cohort/channel/client.hpp>
#include <cohort/channel/listener.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/channel/queue.hpp>
#include <cohort/channel/wait.hpp>

#include "conformance/start_methods.hpp"

#include <csignal>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

class TestListenerClient : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, TestListenerClient, kEveryStartMethod, name_of);
class TestIgnoreEINTR : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, TestIgnoreEINTR, kEveryStartMethod, name_of);
class TestListener : public ProcessTest {
protected:
    std::vector<Address> families() const {
        return {Address::tcp("localhost", 0), Address::unix(file("socket")), Address()};
    }
};
class NetworkConnections : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, NetworkConnections, kEveryStartMethod, name_of);

void say_hello(const Address& address) {
    const auto connection = Client(address);
    connection.send("hello");
    connection.close();
}

TEST_F(TestListener, multiple_bind) {
    for (const Address& family : families()) {
        Listener listener({.address = family});
        EXPECT_THROW(Listener({.address = listener.address()}), std::system_error);
    }
}

TEST_F(TestListener, context) {
    std::optional<Listener> listener(std::in_place);
    {
        const auto client = Client(listener->address());
        const auto server = listener->accept();
        client.send(1729);
        EXPECT_EQ(server.recv<int>(), 1729);
    }
    listener->close();
    EXPECT_THROW(listener->accept(), ValueError);
}

TEST_F(TestListener, empty_authkey) {
    Listener listener({.authkey = ""});
    std::jthread client([&] { Client(listener.address(), {.authkey = ""}).send(1729); });
    EXPECT_EQ(listener.accept().recv<int>(), 1729);
    EXPECT_EQ(listener.last_accepted(), Address());
}

TEST_F(TestListener, abstract_socket) {
    Listener listener({.address = Address::unix(std::string("\0something", 10))});
    const auto client = Client(listener.address());
    const auto server = listener.accept();
    client.send(1729);
    EXPECT_EQ(server.recv<int>(), 1729);
    listener.close();
    EXPECT_THROW(listener.accept(), ValueError);
}

TEST(TestInvalidFamily, invalid_family) {
    EXPECT_THROW(Listener({.address = Address::parse(R"(\\.\test)")}), ValueError);
}

TEST_P(TestListenerClient, listener_client) {
    for (const Address& family : {Address::tcp("localhost", 0), Address::unix(file("socket")), Address()}) {
        Listener listener({.address = family});
        Process process = start(say_hello, listener.address());
        EXPECT_EQ(listener.accept().recv<std::string>(), "hello");
        process.join();
        EXPECT_EQ(process.exitcode(), 0);
    }
}

// The client has connected, written and closed when it is accepted.
TEST_P(TestListenerClient, issue14725) {
    Listener listener;
    EXPECT_EQ(run(say_hello, listener.address()), 0);
    EXPECT_EQ(listener.accept().recv<std::string>(), "hello");
}

TEST_P(TestListenerClient, issue16955) {
    for (const Address& family : {Address::tcp("localhost", 0), Address::unix(file("socket")), Address()}) {
        Listener listener({.address = family});
        const auto client = Client(listener.address());
        const auto server = listener.accept();
        server.send_bytes("hello");
        EXPECT_TRUE(client.poll(60s));
    }
}

void listen_through_signals(const Connection& parent) {
    std::signal(SIGUSR1, [](int) {});
    Listener listener;
    parent.send(listener.address());
    listener.accept().send("welcome");
}

TEST_P(TestIgnoreEINTR, ignore_listener) {
    auto [connection, child_end] = Pipe();
    Process process = start(listen_through_signals, child_end);
    const auto address = connection.recv<Address>();
    for (int i = 0; i != 20; ++i) {
        ::kill(process.pid().value(), SIGUSR1);
        std::this_thread::yield();
    }
    EXPECT_EQ(Client(address).recv<std::string>(), "welcome");
    process.join();
}

/// Answers on a connection that it was given.
void serve(const Connection& connection) {
    connection.send(connection.recv<int>() + 1);
}

TEST_P(NetworkConnections, are_arguments) {
    Listener listener({.address = Address::tcp("127.0.0.1", 0), .authkey = "secret"});
    Process parent = start(
        +[](const Address& address) {
            const auto connection = Client(address, {.authkey = "secret"});
            connection.send(1);
            EXPECT_EQ(connection.recv<int>(), 2);
            EXPECT_THROW(connection.recv<int>(), EofError);  // nobody has the other end
        },
        listener.address());
    {
        auto connection = listener.accept();
        Process server = start(serve, std::move(connection));
        server.join();
        EXPECT_EQ(server.exitcode(), 0);
    }
    parent.join();
    EXPECT_EQ(parent.exitcode(), 0);
}

void serve_from_queue(const Queue<Connection>& queue) {
    serve(queue.get());
}
void serve_from_pipe(const Connection& pipe) {
    serve(pipe.recv<Connection>());
}

TEST_P(NetworkConnections, travel_in_queues_and_pipes) {
    Listener listener;
    Queue<Connection> queue;
    auto [here, there] = Pipe();
    Process of_queue = start(serve_from_queue, queue), of_pipe = start(serve_from_pipe, there);
    for (const bool by_queue : {true, false}) {
        const auto client = Client(listener.address());
        {
            const auto accepted = listener.accept();
            by_queue ? queue.put(accepted) : here.send(accepted);
        }
        client.send(1);
        EXPECT_EQ(client.recv<int>(), 2);
        EXPECT_THROW(client.recv<int>(), EofError);
    }
    of_queue.join();
    of_pipe.join();
}

void send_some(const Connection& connection, char letter) {
    for (std::size_t size = 1; size < 200'000; size *= 3) connection.send_bytes(std::string(size, letter));
}

TEST_P(NetworkConnections, are_shared_by_processes) {
    Listener listener;
    const auto client = Client(listener.address());
    std::vector<Process> processes;
    {
        const auto server = listener.accept();
        for (const char letter : {'a', 'b', 'c'}) processes.push_back(start(send_some, server, letter));
    }
    std::size_t messages = 0;
    try {
        for (;; ++messages) {
            const auto bytes = client.recv_bytes();
            ASSERT_EQ(bytes, std::vector(bytes.size(), bytes.front()));
        }
    } catch (const EofError&) {
    }
    EXPECT_EQ(messages, 3 * 12U);
    for (auto& each : processes) {
        each.join();
        EXPECT_EQ(each.exitcode(), 0);
    }
}

}  // namespace
}  // namespace cohort::test
