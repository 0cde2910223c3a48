// SPDX-License-Identifier: MIT
#include <cohort/channel/listener.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/channel/client.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/channel/wait.hpp>

#include "connected.hpp"
#include "os/fault.hpp"
#include "os/file.hpp"
#include "os/limits.hpp"
#include "os/poll.hpp"
#include "os/tcp_socket.hpp"
#include "support/error_text.hpp"
#include "support/forked_child.hpp"
#include "support/leak_check.hpp"

#include <gtest/gtest.h>

#include <sys/epoll.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

std::string path(const std::string& name) {
    return temporary_folder() + "/" + name;
}

Address local() {
    return Address::tcp("127.0.0.1", 0);
}

/// A socket that is connected, for what is no handshake.
Descriptor connect_raw(const Address& address) {
    if (address.is_tcp()) return os::tcp_connect({address.host(), address.port()}, Deadline(forever));
    return os::unix_connect(address.path(), Deadline(forever));
}

/// What accept() says of a peer that sends this and waits.
std::string refusal(const ListenerOptions& options, const std::string& bytes) {
    Listener listener(options);
    const Descriptor peer = connect_raw(listener.address());
    os::send_whole(peer.get(), bytes_of(bytes));
    return error_text<AuthenticationError>([&] { listener.accept(); });
}

class ListenerAt : public testing::TestWithParam<Address> {
protected:
    void TearDown() override { std::filesystem::remove(path("socket")); }
    static Address address() {
        const Address& asked = GetParam();
        return asked.path() == "/" ? Address::unix(path("socket")) : asked;
    }
};
INSTANTIATE_TEST_SUITE_P(, ListenerAt,
                         testing::Values(Address(), local(), Address::tcp("localhost", 0), Address::unix("/"),
                                         Address::abstract_unix("cohort-test")));

TEST_P(ListenerAt, connects) {
    for (const auto& key : {std::optional<std::string>(), std::optional("secret"s), std::optional(""s)}) {
        Listener listener({.address = address(), .authkey = key});
        std::jthread client([&] {
            const auto connection = Client(listener.address(), {.authkey = key});
            connection.send(1729);
            EXPECT_EQ(connection.recv<std::string>(), "welcome");
        });
        const auto connection = listener.accept();
        EXPECT_EQ(connection.recv<int>(), 1729);
        connection.send("welcome");
    }
}

TEST_P(ListenerAt, another_key_is_refused_and_the_listener_stays) {
    Listener listener({.address = address(), .authkey = "secret"});
    std::jthread client([&] {
        EXPECT_NE(error_text<AuthenticationError>([&] {
                      Client(listener.address(), {.authkey = "another"});
                  }).find("digest sent was rejected"),
                  std::string::npos);
        Client(listener.address(), {.authkey = "secret"}).send(1);
    });
    EXPECT_NE(error_text<AuthenticationError>([&] { listener.accept(); }).find("digest received was wrong"),
              std::string::npos);
    EXPECT_EQ(listener.accept().recv<int>(), 1);
}

TEST_P(ListenerAt, a_second_one_is_refused_and_the_first_notices_nothing) {
    Listener listener({.address = address()});
    EXPECT_NE(error_text(EADDRINUSE, [&] { Listener second({.address = listener.address()}); }), "");
    EXPECT_THROW(listener.accept(0s), TimeoutError);
    const auto client = Client(listener.address());
    listener.accept().send(1);
    EXPECT_EQ(client.recv<int>(), 1);
}

TEST_P(ListenerAt, peers_that_do_not_move_hold_up_nobody) {
    Listener listener({.address = address(), .authkey = "secret"});
    std::vector<Descriptor> silent;
    for (int i = 0; i != 50; ++i) silent.push_back(connect_raw(listener.address()));
    std::jthread client([&] { Client(listener.address(), {.authkey = "secret"}).send(1); });
    EXPECT_EQ(listener.accept().recv<int>(), 1);
}

TEST(Listener, addresses) {
    Listener tcp({.address = local()});
    EXPECT_NE(tcp.address().port(), 0);
    EXPECT_EQ(tcp.address().host(), "127.0.0.1");
    EXPECT_FALSE(tcp.last_accepted());
    const auto client = Client(tcp.address());
    tcp.accept();
    EXPECT_EQ(tcp.last_accepted()->host(), "127.0.0.1");
    EXPECT_NE(tcp.last_accepted()->port(), 0);

    Listener chosen;
    EXPECT_TRUE(chosen.address().path().starts_with('\0'));
    const auto other_client = Client(chosen.address());
    chosen.accept();
    EXPECT_EQ(chosen.last_accepted(), Address());
}

TEST(Listener, ipv6) {
    std::optional<Listener> listener;
    try {
        listener.emplace(ListenerOptions{.address = Address::tcp("::1", 0)});
    } catch (const std::system_error& error) {
        GTEST_SKIP() << "no IPv6: " << error.what();
    }
    const auto client = Client(listener->address());
    listener->accept().send(1);
    EXPECT_EQ(client.recv<int>(), 1);
}

TEST(Listener, small_messages_are_sent_at_once) {
    Listener listener({.address = local()});
    const auto client = Client(listener.address());
    const auto server = listener.accept();
    for (const int descriptor : {client.fileno(), server.fileno()}) {
        int value = 0;
        socklen_t size = sizeof value;
        ASSERT_EQ(::getsockopt(descriptor, 6 /* IPPROTO_TCP */, 1 /* TCP_NODELAY */, &value, &size), 0);
        EXPECT_EQ(value, 1);
    }
}

TEST(Listener, accept_has_a_timeout) {
    Listener listener({.authkey = "secret"});
    EXPECT_THROW(listener.accept(0s), TimeoutError);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_THROW(listener.accept(20ms), TimeoutError);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 20ms);
    const Descriptor silent = connect_raw(listener.address());
    EXPECT_THROW(listener.accept(20ms), TimeoutError);
    std::jthread client([&] { Client(listener.address(), {.authkey = "secret"}).send(1); });
    EXPECT_EQ(listener.accept(60s).recv<int>(), 1);
}

TEST(Listener, a_closed_one) {
    Listener listener;
    const Address address = listener.address();
    listener.close();
    listener.close();
    EXPECT_TRUE(listener.closed());
    EXPECT_EQ(error_text<ValueError>([&] { listener.accept(); }), "listener is closed");
    EXPECT_THROW(listener.address(), ValueError);
    EXPECT_THROW(listener.fileno(), ValueError);
    EXPECT_NE(error_text(ECONNREFUSED, [&] { Client(address); }).find("@cohort-"), std::string::npos);
}

TEST(Listener, moves) {
    Listener first({.authkey = "secret"});
    Listener second(std::move(first));
    EXPECT_TRUE(first.closed());  // NOLINT(bugprone-use-after-move)
    std::jthread client([&] { Client(second.address(), {.authkey = "secret"}); });
    second.accept();
    second = Listener();
    EXPECT_FALSE(second.closed());
}

TEST(Listener, close_ends_a_waiting_accept) {
    Listener listener({.authkey = "secret"});
    std::vector<std::jthread> threads;
    for (int i = 0; i != 3; ++i)
        threads.emplace_back(
            [&] { EXPECT_EQ(error_text<ValueError>([&] { listener.accept(); }), "listener is closed"); });
    std::this_thread::yield();
    listener.close();
}

TEST(Listener, threads_accept_in_turns) {
    Listener listener({.authkey = "secret"});
    std::vector<std::jthread> threads;
    std::atomic<int> sum = 0;
    for (int i = 1; i <= 4; ++i) {
        threads.emplace_back([&] { sum += listener.accept().recv<int>(); });
        threads.emplace_back([&, i] { Client(listener.address(), {.authkey = "secret"}).send(i); });
    }
    threads.clear();
    EXPECT_EQ(sum, 10);
}

TEST(Listener, with_wait) {
    Listener listener({.authkey = "secret"});
    auto [a, b] = Pipe();
    EXPECT_TRUE(wait({listener, a}, 0s).empty());
    std::jthread client([&] { Client(listener.address(), {.authkey = "secret"}).send(1); });
    EXPECT_EQ(wait({a, listener}).front(), Waitable(listener));
    EXPECT_EQ(listener.accept().recv<int>(), 1);
    EXPECT_TRUE(wait({listener}, 0s).empty());
}

TEST(Listener, the_path_is_removed_at_the_end) {
    const std::string socket = path("socket");
    {
        Listener listener({.address = Address::unix(socket)});
        EXPECT_TRUE(std::filesystem::is_socket(socket));
    }
    EXPECT_FALSE(std::filesystem::exists(socket));
}

TEST(Listener, a_path_that_is_another_ones_by_now_stays) {
    const std::string socket = path("socket");
    Listener first({.address = Address::unix(socket)});
    std::filesystem::remove(socket);
    Listener second({.address = Address::unix(socket)});
    first.close();
    EXPECT_TRUE(std::filesystem::exists(socket));
    const auto client = Client(second.address());
    second.accept();
}

TEST(Listener, the_path_of_a_dead_one_is_replaced) {
    const std::string socket = path("socket");
    ForkedChild server([&] {
        Listener listener({.address = Address::unix(socket)});
        ::_exit(0);  // as if killed
    });
    server.wait();
    ASSERT_TRUE(std::filesystem::exists(socket));
    EXPECT_NE(error_text(ECONNREFUSED, [&] { Client(Address::unix(socket)); }).find(socket), std::string::npos);
    Listener listener({.address = Address::unix(socket)});
    const auto client = Client(listener.address());
    listener.accept();
}

TEST(Listener, of_many_that_replace_a_dead_one_at_once_one_gets_the_path) {
    const std::string socket = path("socket");
    ForkedChild([&] {
        Listener listener({.address = Address::unix(socket)});
        ::_exit(0);
    }).wait();
    std::vector<std::optional<Listener>> made(8);
    {
        std::vector<std::jthread> threads;
        for (auto& each : made)
            threads.emplace_back([&] {
                try {
                    each.emplace(ListenerOptions{.address = Address::unix(socket)});
                } catch (const std::system_error& error) {
                    EXPECT_EQ(error.code().value(), EADDRINUSE);
                }
            });
    }
    EXPECT_EQ(std::count_if(made.begin(), made.end(), [](const auto& each) { return each.has_value(); }), 1);
    const auto client = Client(Address::unix(socket));
}

TEST(Listener, a_file_that_is_no_socket_stays) {
    const std::string file = path("file");
    std::ofstream(file) << "text";
    EXPECT_NE(error_text(EADDRINUSE, [&] { Listener listener({.address = Address::unix(file)}); }).find(file),
              std::string::npos);
    EXPECT_TRUE(std::filesystem::remove(file));
}

TEST(Listener, a_key_is_required_where_other_machines_connect) {
    EXPECT_NE(
        error_text<ValueError>([] { Listener listener({.address = Address::tcp("0.0.0.0", 0)}); }).find(".authkey"),
        std::string::npos);
    EXPECT_THROW(Listener({.address = Address::tcp("", 0)}), ValueError);
    EXPECT_THROW(Listener({.address = Address::tcp("", 0), .authkey = ""}), ValueError);
    Listener({.address = Address::tcp("", 0), .authkey = "", .allow_unauthenticated = true});
    Listener({.address = Address::tcp("", 0), .authkey = "secret"});
    Listener({.address = Address::tcp("", 0), .allow_unauthenticated = true});
}

TEST(Listener, a_child_shares_it_and_does_not_remove_the_path) {
    const std::string socket = path("socket");
    Listener listener({.address = Address::unix(socket), .authkey = "secret"});
    const Descriptor silent = connect_raw(listener.address());
    EXPECT_THROW(listener.accept(0s), TimeoutError);
    ForkedChild([&] { listener.close(); }).wait();
    EXPECT_TRUE(std::filesystem::exists(socket));
    ForkedChild child([&] { EXPECT_EQ(listener.accept().recv<int>(), 1); });
    Client(listener.address(), {.authkey = "secret"}).send(1);
    EXPECT_EQ(child.wait().code(), 0);
    std::jthread client([&] { Client(listener.address(), {.authkey = "secret"}).send(2); });
    EXPECT_EQ(listener.accept().recv<int>(), 2);
}

/// Serves one client with few descriptors, while others say nothing.
void expect_service_among_silent_peers(const std::function<void()>& use_up_descriptors) {
    Listener listener({.authkey = "secret"});
    std::vector<Descriptor> silent;
    for (int i = 0; i != 100; ++i) silent.push_back(connect_raw(listener.address()));
    ForkedChild server([&] {
        silent.clear();
        const auto memory_is_there = connected();
        use_up_descriptors();
        listener.accept().send(1);
    });
    std::jthread client([&] { EXPECT_EQ(Client(listener.address(), {.authkey = "secret"}).recv<int>(), 1); });
    EXPECT_EQ(server.wait().code(), 0);
}

TEST(Listener, silent_peers_take_a_part_of_the_descriptors_only) {
    expect_service_among_silent_peers([] { os::set_resource_limit(RLIMIT_NOFILE, {.soft = 64, .hard = 64}); });
}

TEST(Listener, without_descriptors_the_oldest_silent_peer_makes_room) {
    expect_service_among_silent_peers([] {
        os::set_resource_limit(RLIMIT_NOFILE, {.soft = 200, .hard = 200});
        std::vector<int> all;
        try {
            for (;;) all.push_back(os::open_file("/dev/null", 0).release());
        } catch (const std::system_error&) {
        }
        for (int i = 0; i != 8; ++i, all.pop_back()) Descriptor(all.back());
    });
}

/// Whether the peer's stream has ended.
bool has_ended(const Descriptor& peer) {
    std::array<std::byte, 256> room{};
    while (const auto got = os::receive_stream(peer.get(), room, 0, "the listener"))
        if (*got == 0) return true;
    return false;
}

TEST(Listener, who_is_dropped_sees_the_end_although_a_child_has_a_copy) {
    Descriptor first, second, third;
    auto [here, there] = Pipe();
    std::optional<ForkedChild> child;
    {
        Listener listener({.authkey = "secret", .handshake_timeout = 20ms});
        first = connect_raw(listener.address());
        EXPECT_THROW(listener.accept(0s), TimeoutError);
        child.emplace([&, copy = there] { copy.recv<int>(); });
        EXPECT_THROW(listener.accept(), AuthenticationError);  // the time is up
        EXPECT_TRUE(has_ended(first));
        here.send(1);
        EXPECT_EQ(child->wait().code(), 0);

        second = connect_raw(listener.address());
        third = connect_raw(listener.address());
        EXPECT_THROW(listener.accept(0s), TimeoutError);
        EXPECT_THROW(listener.accept(0s), TimeoutError);
        child.emplace([&, copy = there] { copy.recv<int>(); });
    }
    EXPECT_TRUE(has_ended(second));
    here.send(1);
    EXPECT_EQ(child->wait().code(), 0);
}

TEST(Listener, a_closed_one_waits_for_its_number_no_more) {
    auto [here, there] = Pipe();
    Listener listener({.authkey = "secret"});
    const Address address = listener.address();
    ForkedChild child([&, copy = there] { copy.recv<int>(); });  // has a copy of the socket, which goes on to listen
    const Descriptor set = os::duplicate(listener.fileno());
    listener.close();
    const Descriptor peer = connect_raw(address);
    std::array<epoll_event, 4> events{};
    EXPECT_EQ(::epoll_wait(set.get(), events.data(), 4, 0), 1);  // that it is closed
    here.send(1);
    EXPECT_EQ(child.wait().code(), 0);
}

TEST(Handshakes, what_is_no_handshake_is_refused) {
    const ListenerOptions options{.authkey = "secret"};
    EXPECT_NE(refusal(options, "GET / HTTP/1.1\r\n\r\n").find("\"GET \""), std::string::npos);
    EXPECT_NE(refusal(options, "\0\0\1\1"s).find("no message of a handshake"), std::string::npos);
    EXPECT_NE(refusal(options, "\xff\xff\xff\xff\0\0\0\0\0\0\1\1"s).find("no message of a handshake"),
              std::string::npos);
    EXPECT_NE(refusal(options, "\xff\xff\xff\xfe"s).find("no message of a handshake"), std::string::npos);
    EXPECT_NE(refusal(options, "\0\0\0\0"s).find("no authkey"), std::string::npos);
    EXPECT_NE(refusal(options, "\0\0\0\5\x80\x04K\x01."s).find("no authkey"), std::string::npos);
    EXPECT_NE(
        refusal({.authkey = "secret", .allow_md5 = false}, "\0\0\0\x10"s + std::string(16, 'x')).find("allow_md5"),
        std::string::npos);
}

TEST(Handshakes, a_peer_that_goes_is_refused) {
    Listener listener({.authkey = "secret"});
    connect_raw(listener.address());
    EXPECT_NE(error_text<AuthenticationError>([&] { listener.accept(); }).find("closed"), std::string::npos);
}

TEST(Handshakes, the_time_is_up) {
    Listener listener({.authkey = "secret", .handshake_timeout = 20ms});
    const Descriptor silent = connect_raw(listener.address());
    EXPECT_NE(error_text<AuthenticationError>([&] {
                  listener.accept();
              }).find("within 20 ms it sent no answer to the challenge: it has no authkey"),
              std::string::npos);
    Listener without_key;
    const auto text = error_text<AuthenticationError>(
        [&] { Client(without_key.address(), {.authkey = "secret", .handshake_timeout = 20ms}); });
    EXPECT_NE(text.find("within 20 ms it sent no challenge: it has no authkey"), std::string::npos) << text;
}

// Byte by byte, and no byte behind the handshake is taken.
TEST(Handshakes, in_pieces_with_a_message_behind) {
    Listener listener({.authkey = "secret"});
    std::jthread client([&] {
        auto relay = Client(listener.address(), {.authkey = "secret"});
        relay.send_bytes("first");
        relay.send_bytes("second");
    });
    const auto connection = listener.accept();
    EXPECT_EQ(text_of(connection.recv_bytes()), "first");
    EXPECT_EQ(text_of(connection.recv_bytes()), "second");
}

TEST(Handshakes, more_peers_than_may_wait) {
    Listener listener({.backlog = 600, .authkey = "secret"});
    std::vector<Descriptor> silent;
    for (int i = 0; i != 520; ++i) {
        silent.push_back(connect_raw(listener.address()));
        EXPECT_THROW(listener.accept(0s), TimeoutError);
    }
    // The first was sent away: behind its challenge is the end.
    std::string text(1000, '\0');
    std::size_t got = 0;
    while (std::size_t more = os::read_some(silent.front().get(), std::as_writable_bytes(std::span(text)))) got += more;
    EXPECT_EQ(got, 4U + 11 + 48);
    std::jthread client([&] { Client(listener.address(), {.authkey = "secret"}).send(1); });
    EXPECT_EQ(listener.accept().recv<int>(), 1);
}

TEST(Client, errors_name_the_address) {
    EXPECT_NE(error_text(ENOENT, [] { Client(Address::unix(path("none"))); }).find(path("none")), std::string::npos);
    EXPECT_NE(error_text(ECONNREFUSED, [] { Client(Address::abstract_unix("cohort-none")); }).find("@cohort-none"),
              std::string::npos);
    Listener listener({.address = local()});
    const Address address = listener.address();
    listener.close();
    EXPECT_NE(error_text(ECONNREFUSED, [&] { Client(address); }).find("'127.0.0.1':" + std::to_string(address.port())),
              std::string::npos);
    EXPECT_THROW(Client(Address()), ValueError);
    EXPECT_NE(error_text(ENAMETOOLONG, [] { Client(Address::unix("/" + std::string(200, 'x'))); }), "");
}

TEST(Client, a_timeout) {
    Listener listener({.backlog = 0});
    const auto first = Client(listener.address());
    EXPECT_THROW(Client(listener.address(), {.timeout = 20ms}), TimeoutError);
}

TEST(Listener, errors_of_the_kernel) {
    for (const char* call : {"socket", "bind", "listen", "epoll_create1", "epoll_ctl", "eventfd", "getsockname"}) {
        os::Fault fault(call, ENOMEM);
        EXPECT_NE(error_text(ENOMEM, [] { Listener listener({.address = local()}); }).find(call), std::string::npos)
            << call;
    }
    Listener listener({.address = local()});
    const auto client = Client(listener.address());
    {
        os::Fault fault("accept4", EMFILE);
        EXPECT_NE(error_text(EMFILE, [&] { listener.accept(); }), "");
    }
    listener.accept();
}

}  // namespace
}  // namespace cohort::test
