// SPDX-License-Identifier: MIT
// Connections with TLS, with certificates that the test makes.
#include "channel/network/openssl_tls.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/channel/client.hpp>
#include <cohort/channel/listener.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/channel/wait.hpp>
#include <cohort/serial/object.hpp>

#include "connected.hpp"
#include "os/poll.hpp"
#include "os/tcp_socket.hpp"
#include "support/certificates.hpp"
#include "support/error_text.hpp"
#include "support/forked_child.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

Address at(TlsOptions files, int port = 0, const std::string& host = "127.0.0.1") {
    return Address::tls(host, port, std::move(files));
}

Descriptor connect_raw(const Address& address) {
    return os::tcp_connect({address.host(), address.port()}, Deadline(forever));
}

void expect_says(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

// A listener without `.ca` asks for no certificate: only the client refuses.
TlsOptions without_ca(TlsOptions files) {
    files.ca.clear();
    return files;
}

class Tls : public testing::Test {
protected:
    /// The address of a listener, as a client has it.
    Address of(const Listener& listener, TlsOptions own, const std::string& host = "127.0.0.1") const {
        return at(std::move(own), listener.address().port(), host);
    }

    /// Two ends that are connected: the listener's and the client's.
    std::pair<Connection, Connection> connect(const std::optional<std::string>& key = {}) {
        Listener listener({.address = at(without_ca(files.issue())), .authkey = key});
        auto client =
            std::async(std::launch::async, [&] { return Client(of(listener, files.trusting()), {.authkey = key}); });
        const auto accepted = listener.accept();
        return {accepted, client.get()};
    }

    struct Refusals {
        std::string by_listener;
        std::string by_client;
    };
    /// What both sides say of each other.
    Refusals refusals(const ListenerOptions& options, const TlsOptions& client_files,
                      const std::string& host = "127.0.0.1") {
        Listener listener(options);
        auto client = std::async(std::launch::async, [&] {
            return error_text<AuthenticationError>(
                [&] { Client(of(listener, client_files, host), {.authkey = options.authkey}); });
        });
        std::string by_listener = error_text<AuthenticationError>([&] { listener.accept(); });
        return {std::move(by_listener), client.get()};
    }

    Certificates files;
};

TEST_F(Tls, messages_of_all_sizes_both_ways) {
    for (const auto& key : {std::optional<std::string>(), std::optional("secret"s)}) {
        auto [a, b] = connect(key);
        for (const std::size_t size : {0U, 1U, 4U, 16379U, 16380U, 16384U, 16385U, 100'000U, (1U << 22) + 1, 3U}) {
            const std::string text(size, static_cast<char>('a' + size % 26));
            std::jthread sender([&, end = a] { end.send_bytes(text); });
            EXPECT_EQ(text_of(b.recv_bytes()), text);
            std::jthread back([&, end = b] { end.send_bytes(text); });
            EXPECT_EQ(text_of(a.recv_bytes()), text);
        }
    }
}

TEST_F(Tls, values_and_objects) {
    auto [a, b] = connect();
    std::map<std::string, std::vector<int>> map{{"one", {1}}, {"none", {}}};
    a.send(map);
    EXPECT_EQ(b.recv<decltype(map)>(), map);
    b.send_object(Object::list({1, "two"}));
    EXPECT_EQ(a.recv_object(), Object::list({1, "two"}));
}

TEST_F(Tls, poll_and_wait) {
    auto [a, b] = connect("secret");
    EXPECT_FALSE(b.poll(0s));
    EXPECT_TRUE(wait({a, b}, 0s).empty());
    for (int i = 0; i != 100; ++i) a.send(i);
    for (int i = 0; i != 100; ++i) {
        EXPECT_TRUE(b.poll(60s));
        EXPECT_EQ(wait({b, a}).front(), Waitable(b));
        EXPECT_EQ(b.recv<int>(), i);
    }
    EXPECT_FALSE(b.poll(0s));
}

TEST_F(Tls, threads_send_and_receive_at_once) {
    auto [a, b] = connect();
    std::atomic<int> sum = 0;
    std::vector<std::jthread> threads;
    for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)})
        for (int i = 0; i != 2; ++i) {
            threads.emplace_back([end = from] {
                for (int j = 0; j != 200; ++j) end.send(std::vector<int>(10'000, 1));
            });
            threads.emplace_back([end = to, &sum] {
                for (int j = 0; j != 200; ++j) sum += end.recv<std::vector<int>>().at(9'999);
            });
        }
    threads.clear();
    EXPECT_EQ(sum, 800);
}

TEST_F(Tls, the_end_is_told_and_a_death_is_none) {
    {
        auto [a, b] = connect();
        a.send(1);
        a.close();
        EXPECT_EQ(b.recv<int>(), 1);
        EXPECT_THROW(b.recv<int>(), EofError);
    }
    Listener listener({.address = at(without_ca(files.issue()))});
    ForkedChild client([&] {
        const auto connection = Client(of(listener, files.trusting()));
        connection.send(1);
        connection.recv<int>();
    });
    const auto connection = listener.accept();
    EXPECT_EQ(connection.recv<int>(), 1);
    client.kill();
    client.wait();
    expect_says(error_text(ECONNRESET, [&] { connection.recv<int>(); }), "127.0.0.1");
}

TEST_F(Tls, sending_to_a_peer_that_has_gone_is_an_error) {
    auto [a, b] = connect();
    b.close();
    EXPECT_THROW(for (;;) a.send_bytes(std::string(100'000, 'x')), std::system_error);
}

TEST_F(Tls, certificates_of_both_sides) {
    Listener listener({.address = at(files.issue())});
    auto client = std::async(std::launch::async, [&] { return Client(of(listener, files.issue())); });
    const auto accepted = listener.accept();
    client.get().send(1);
    EXPECT_EQ(accepted.recv<int>(), 1);
}

TEST_F(Tls, a_host_by_name) {
    Listener listener({.address = at(without_ca(files.issue()), 0, "localhost")});
    auto client = std::async(std::launch::async,
                             [&] { return Client(of(listener, files.trusting(), "localhost"), {.timeout = 60s}); });
    listener.accept().send(1);
    EXPECT_EQ(client.get().recv<int>(), 1);
}

TEST_F(Tls, a_listener_of_another_authority_is_refused) {
    const auto told = refusals({.address = at(without_ca(files.issue({.by_another = true})))}, files.trusting());
    expect_says(told.by_client, "'127.0.0.1':");
    expect_says(told.by_client, "its certificate is refused: unable to get local issuer certificate");
    expect_says(told.by_listener, "unknown ca");
}

TEST_F(Tls, an_expired_certificate_is_refused) {
    const auto told = refusals({.address = at(without_ca(files.issue({.valid_until = -60})))}, files.trusting());
    expect_says(told.by_client, "its certificate is refused: certificate has expired");
    expect_says(told.by_listener, "certificate expired");
}

TEST_F(Tls, a_certificate_for_another_host_is_refused) {
    const auto by_name = at(without_ca(files.issue({.names = "DNS:example.org"})));
    expect_says(refusals({.address = by_name}, files.trusting()).by_client, "not for '127.0.0.1'");
    expect_says(refusals({.address = by_name}, files.trusting(), "localhost").by_client, "not for 'localhost'");
}

TEST_F(Tls, clients_without_the_right_certificate_are_refused) {
    const ListenerOptions options{.address = at(files.issue()), .authkey = "secret"};
    auto told = refusals(options, files.trusting());
    expect_says(told.by_listener, "it has no certificate");
    expect_says(told.by_client, "certificate required");
    told = refusals(options, files.issue({.by_another = true}));
    expect_says(told.by_listener, "its certificate is refused: unable to get local issuer certificate");
    expect_says(told.by_client, "unknown ca");
    told = refusals(options, files.issue({.valid_until = -60}));
    expect_says(told.by_listener, "its certificate is refused: certificate has expired");
    expect_says(told.by_client, "certificate expired");
}

TEST_F(Tls, another_key_is_refused) {
    Listener listener({.address = at(files.issue()), .authkey = "secret"});
    std::jthread client(
        [&] { EXPECT_THROW(Client(of(listener, files.issue()), {.authkey = "another"}), AuthenticationError); });
    expect_says(error_text<AuthenticationError>([&] { listener.accept(); }), "digest received was wrong");
}

TEST_F(Tls, a_plain_peer_is_refused) {
    Listener listener({.address = at(files.issue()), .handshake_timeout = 20ms});
    const Descriptor peer = connect_raw(listener.address());
    os::send_whole(peer.get(), bytes_of("\0\0\0\5\x80\x04K\x01."s));
    expect_says(error_text<AuthenticationError>([&] { listener.accept(); }), "it does not speak TLS");
    std::jthread client([&] {
        const auto plain = Address::tcp("127.0.0.1", listener.address().port());
        EXPECT_THROW(Client(plain, {.authkey = "secret"}), AuthenticationError);
    });
    expect_says(error_text<AuthenticationError>([&] { listener.accept(); }), "no whole handshake of TLS");
}

TEST_F(Tls, a_plain_listener_is_refused) {
    Listener listener({.address = Address::tcp("127.0.0.1", 0), .authkey = "secret"});
    std::jthread client([&] {
        expect_says(
            error_text<AuthenticationError>([&] { Client(of(listener, files.trusting()), {.authkey = "secret"}); }),
            "it does not speak TLS");
    });
    expect_says(error_text<AuthenticationError>([&] { listener.accept(); }), "it speaks TLS, and this side does not");
}

TEST_F(Tls, a_handshake_that_stops_has_an_end_and_holds_up_nobody) {
    Listener listener({.address = at(files.issue()), .handshake_timeout = 300ms});
    std::vector<Descriptor> silent;
    const std::string hello("\x16\x03\x01\x02\x00\x01\x00", 7);  // the beginning of one
    for (int i = 0; i != 50; ++i) {
        silent.push_back(connect_raw(listener.address()));
        if (i % 2 == 0) os::send_whole(silent.back().get(), bytes_of(hello));
    }
    auto client = std::async(std::launch::async, [&] { return Client(of(listener, files.issue())); });
    int late = 0;
    std::optional<Connection> accepted;
    while (!accepted || late != 50) try {
            accepted = listener.accept();
        } catch (const AuthenticationError& error) {
            expect_says(error.what(), "no whole handshake of TLS");
            ++late;
        }
    accepted->send(1);
    EXPECT_EQ(client.get().recv<int>(), 1);
}

TEST_F(Tls, a_listener_that_says_nothing) {
    const Descriptor socket = os::tcp_listen({"127.0.0.1", 0}, 1);
    const auto port = os::tcp_address(os::local_address(socket.get())).port;
    expect_says(
        error_text<AuthenticationError>([&] { Client(at(files.trusting(), port), {.handshake_timeout = 20ms}); }),
        "no whole handshake of TLS");
}

TEST_F(Tls, a_connection_is_for_one_process) {
    auto [a, b] = connect();
    auto [here, there] = Pipe();
    EXPECT_THROW(here.send(a), SerializationError);
    ForkedChild child([&, one = a, other = b] {
        EXPECT_THROW(one.send(1), ValueError);
        EXPECT_THROW(other.recv<int>(), ValueError);
        one.close();
    });
    EXPECT_EQ(child.wait().code(), 0);
    a.send(2);
    EXPECT_EQ(b.recv<int>(), 2);
}

TEST_F(Tls, a_static_object_may_hold_one_when_the_program_ends) {
    ForkedChild child([&] {
        static std::pair<Connection, Connection> kept;  // destroyed behind OpenSSL, which it was made before
        kept = connect();
        kept.first.send(1);
        std::exit(kept.second.recv<int>() == 1 ? 0 : 1);
    });
    EXPECT_EQ(child.wait().code(), 0);
}

TEST_F(Tls, what_follows_a_message_in_its_record_is_refused) {
    Listener listener({.address = at(files.issue())});
    auto accepting = std::async(std::launch::async, [&] { return listener.accept(); });
    const Descriptor socket = connect_raw(listener.address());
    const auto context =
        std::make_shared<const channel::TlsContext>(channel::TlsContext::Side::client, of(listener, files.issue()));
    channel::OpenSslTls peer(context, socket.get());
    while (!peer.advance()) os::wait_readable(socket.get(), Deadline(forever));
    const auto accepted = accepting.get();
    peer.send(bytes_of("\0\0\0\1a\0\0\0\1b"s), {}, 0, "the listener");
    expect_says(error_text(EPROTO, [&] { accepted.recv_bytes(); }), "two messages");
}

TEST_F(Tls, files_that_are_of_no_use) {
    const TlsOptions good = files.issue(), other = files.issue();
    auto listen = [](const TlsOptions& options) { Listener listener({.address = at(options)}); };
    EXPECT_THROW(listen({}), ValueError);
    expect_says(error_text(ENOENT, [&] { listen({.cert = "/nowhere.pem"}); }), "'/nowhere.pem'");
    expect_says(error_text(ENOENT, [&] { listen({.cert = good.cert, .key = "/nowhere.key"}); }), "'/nowhere.key'");
    expect_says(error_text(ENOENT, [&] { listen({.cert = good.cert, .key = good.key, .ca = "/no.ca"}); }), "'/no.ca'");
    expect_says(error_text<ValueError>([&] { listen({.cert = good.cert, .key = other.key}); }), "key values mismatch");
    expect_says(error_text<ValueError>([&] { listen({.cert = good.key, .key = good.key}); }), good.key);
    expect_says(error_text<ValueError>([&] { listen({.cert = good.cert}); }), good.cert);
    expect_says(error_text(ENOENT, [&] { Client(at({.ca = "/no.ca"}, 1)); }), "'/no.ca'");
    EXPECT_THROW(Client(at(files.trusting(), 1, "")), ValueError);
}

TEST_F(Tls, who_asks_for_certificates_needs_no_key) {
    EXPECT_THROW(Listener({.address = at(without_ca(files.issue()), 0, "")}), ValueError);
    Listener({.address = at(without_ca(files.issue()), 0, ""), .authkey = "secret"});
    Listener({.address = at(files.issue(), 0, "")});
}

TEST(TlsAddress, text_and_travel) {
    const TlsOptions files{.cert = "a", .key = "b", .ca = "c"};
    const auto address = Address::tls("host", 7, files);
    EXPECT_TRUE(address.is_tls());
    EXPECT_TRUE(address.is_tcp());
    EXPECT_FALSE(Address::tcp("host", 7).is_tls());
    EXPECT_NE(address, Address::tcp("host", 7));
    EXPECT_EQ(address.tls(), files);
    EXPECT_EQ(address.to_string(), "tls://host:7");
    EXPECT_EQ(Address::tls("::1", 7).to_string(), "tls://[::1]:7");
    EXPECT_EQ(Address::parse("tls://[::1]:7"), Address::tls("::1", 7));
    for (const char* text : {"tls://", "tls://host", "tls://@host:1", "tls:///a", "tls://tls://host:1"})
        EXPECT_THROW(Address::parse(text), ValueError) << text;
    EXPECT_EQ(Address::unix("tls://socket").to_string(), "./tls://socket");
    auto [a, b] = Pipe();
    a.send(address);
    EXPECT_EQ(b.recv<Address>(), address);
}

}  // namespace
}  // namespace cohort::test
