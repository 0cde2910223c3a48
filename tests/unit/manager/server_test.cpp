// SPDX-License-Identifier: MIT
#include "manager/server/server.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/channel/client.hpp>
#include <cohort/serial/pickle.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cohort;
using namespace cohort::manager;
using namespace std::chrono_literals;

/// A server in a thread of this process.
class RunningServer {
public:
    explicit RunningServer(ServerOptions options = {})
        : server_(with_key(std::move(options))), thread_([this] { server_.run(); }) {}
    ~RunningServer() {
        server_.stop();
        thread_.join();
    }
    Connection connect(const char* key = "key") const { return Client(server_.address(), {.authkey = key}); }
    Connection connect_silently() const { return Client(server_.address()); }

private:
    static ServerOptions with_key(ServerOptions options) {
        options.authkey = "key";
        return options;
    }
    Server server_;
    std::thread thread_;
};

void send(const Connection& connection, const Object& ident, const char* method, std::vector<Object> args = {}) {
    connection.send_bytes(
        pickle::dumps(Object::tuple({ident, Object(method), Object::tuple(std::move(args)), Object::dict()})));
}

Object ask(const Connection& connection, const Object& ident, const char* method, std::vector<Object> args = {}) {
    send(connection, ident, method, std::move(args));
    return pickle::loads(connection.recv_bytes())[1];
}

Object create(const RunningServer& server, const char* type) {
    return ask(server.connect(), {}, "create", {type})[0];
}

Connection accepted(const RunningServer& server) {
    Connection connection = server.connect();
    ask(connection, {}, "accept_connection", {"test"});
    return connection;
}

TEST(ManagerServer, a_request_for_the_server_ends_its_connection) {
    const RunningServer server;
    const Connection connection = server.connect();
    EXPECT_TRUE(ask(connection, {}, "dummy").is_none());
    EXPECT_THROW(connection.recv_bytes(), EofError);
}

TEST(ManagerServer, messages_of_any_size_pass_over_unix_and_tcp) {
    for (const Address& address : {Address(), Address::tcp("127.0.0.1", 0)}) {
        const RunningServer server({.address = address});
        const Object list = create(server, "list");
        const Connection connection = accepted(server);
        for (const std::size_t size : {0UL, 1UL, 65000UL, 65536UL, 1000003UL, 20000000UL}) {
            const Object text(std::string(size, 'x'));
            ask(connection, list, "append", {text});
            EXPECT_EQ(ask(connection, list, "pop"), text);
        }
    }
}

TEST(ManagerServer, requests_that_come_at_once_are_answered_in_their_order) {
    const RunningServer server;
    const Object list = create(server, "list"), event = create(server, "Event");
    const Connection connection = accepted(server);
    for (int i = 0; i < 100; ++i) send(connection, list, "append", {i});
    send(connection, event, "wait");
    send(connection, list, "__len__");
    for (int i = 0; i < 100; ++i) connection.recv_bytes();
    EXPECT_FALSE(connection.poll(0s));
    ask(accepted(server), event, "set");
    EXPECT_EQ(pickle::loads(connection.recv_bytes())[1], Object(true));
    EXPECT_EQ(pickle::loads(connection.recv_bytes())[1], Object(100));
}

TEST(ManagerServer, a_client_that_does_not_read_holds_up_no_other) {
    const RunningServer server;
    const Object list = create(server, "list");
    const Connection slow = accepted(server), other = accepted(server);
    ask(slow, list, "append", {Object(std::string(10000000, 'x'))});
    send(slow, list, "#GETVALUE");
    send(slow, list, "#GETVALUE");
    EXPECT_EQ(ask(other, list, "__len__"), Object(1));
    EXPECT_EQ(pickle::loads(slow.recv_bytes())[1].size(), 1U);
    EXPECT_EQ(pickle::loads(slow.recv_bytes())[1].size(), 1U);
}

TEST(ManagerServer, an_answer_stays_as_it_was_when_the_value_changes) {
    const RunningServer server;
    const Object list = create(server, "list");
    const Connection slow = accepted(server), other = accepted(server);
    const Object before(std::string(10000000, 'x'));
    ask(other, list, "append", {before});
    send(slow, list, "__getitem__", {0});
    slow.poll(cohort::forever);
    ask(other, list, "__setitem__", {0, Object(std::string(10000000, 'y'))});
    ask(other, list, "clear");
    EXPECT_EQ(pickle::loads(slow.recv_bytes())[1], before);
}

TEST(ManagerServer, a_client_that_waits_and_leaves_is_forgotten) {
    const RunningServer server;
    const Object event = create(server, "Event");
    {
        const Connection gone = accepted(server);
        send(gone, event, "wait");
    }
    const Connection connection = accepted(server);
    EXPECT_TRUE(ask(connection, event, "set").is_none());
    EXPECT_EQ(ask(connection, event, "wait"), Object(true));
}

TEST(ManagerServer, too_long_a_message_ends_the_connection) {
    ServerOptions options;
    options.longest_message = 1000;
    const RunningServer server(options);
    const Connection connection = server.connect();
    connection.send_bytes(std::vector<std::byte>(1001));
    EXPECT_THROW(connection.recv_bytes(), std::exception);
    EXPECT_TRUE(ask(server.connect(), {}, "dummy").is_none());
}

TEST(ManagerServer, another_key_is_refused) {
    const RunningServer server;
    EXPECT_THROW(server.connect("another"), AuthenticationError);
    EXPECT_TRUE(ask(server.connect(), {}, "dummy").is_none());
}

TEST(ManagerServer, who_does_not_prove_himself_is_sent_away) {
    ServerOptions options;
    options.most_handshakes = 3;
    options.handshake_timeout = 10s;
    const RunningServer server(options);
    std::vector<Connection> silent;
    for (int i = 0; i < 4; ++i) silent.push_back(server.connect_silently());
    EXPECT_EQ(silent[3].recv_bytes().size(), 59U);  // its challenge
    EXPECT_EQ(silent[0].recv_bytes().size(), 59U);
    EXPECT_THROW(silent[0].recv_bytes(), EofError);
    EXPECT_TRUE(ask(server.connect(), {}, "dummy").is_none());
}

TEST(ManagerServer, a_handshake_has_a_limit) {
    ServerOptions options;
    options.handshake_timeout = 50ms;
    const RunningServer server(options);
    const Connection silent = server.connect_silently();
    EXPECT_EQ(silent.recv_bytes().size(), 59U);
    EXPECT_THROW(silent.recv_bytes(), EofError);
}

TEST(ManagerServer, an_address_in_use_is_refused) {
    const RunningServer server({.address = Address::abstract_unix("cohort-manager-test")});
    EXPECT_THROW(Server({.address = Address::abstract_unix("cohort-manager-test"), .authkey = "key"}),
                 std::system_error);
}

TEST(ManagerServer, other_machines_need_a_key) {
    EXPECT_THROW(Server({.address = Address::tcp("0.0.0.0", 0)}), ValueError);
    EXPECT_THROW(Server({.address = Address::tcp("0.0.0.0", 0), .authkey = ""}), ValueError);
    Server({.address = Address::tcp("0.0.0.0", 0), .authkey = "", .allow_unauthenticated = true});
    Server({.address = Address::tcp("0.0.0.0", 0), .authkey = "key"});
}

}  // namespace
