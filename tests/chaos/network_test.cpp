// SPDX-License-Identifier: MIT
// Peers that are killed in the middle of a handshake or a message, that never finish, or send garbage: the listener
// goes on, who knows the key is served, and every message that arrives is whole.
#include <cohort/base/errors.hpp>
#include <cohort/channel/client.hpp>
#include <cohort/channel/listener.hpp>

#include "chaos/strangers.hpp"
#include "os/tcp_socket.hpp"
#include "os/unix_socket.hpp"
#include "support/counts.hpp"
#include "support/forked_child.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <iterator>
#include <random>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

/// Accepts until it is closed, and serves each peer in a thread: what it sends is to be of one letter each.
class Server {
public:
    explicit Server(const Address& address) : listener_({.address = address, .authkey = "secret"}) {}
    ~Server() {
        listener_.close();
        accepting_.join();
    }
    Address address() const { return listener_.address(); }
    int whole() const { return whole_; }

private:
    void accept() {
        std::vector<std::jthread> serving;
        for (;;) try {
                serving.emplace_back([this, connection = listener_.accept()] { serve(connection); });
            } catch (const AuthenticationError&) {
            } catch (const ValueError&) {
                return;  // closed
            }
    }

    void serve(const Connection& connection) {
        try {
            for (;;) {
                const auto bytes = connection.recv_bytes();
                EXPECT_EQ(bytes, std::vector(bytes.size(), bytes.front()));
                ++whole_;
                connection.send(bytes.size());
            }
        } catch (const EofError&) {
        } catch (const std::system_error&) {  // it was killed within a message
        }
    }

    Listener listener_;
    std::atomic<int> whole_ = 0;
    std::thread accepting_{[this] { accept(); }};
};

void send_messages(const Address& address, unsigned seed) {
    std::minstd_rand random(seed);
    const auto connection = Client(address, {.authkey = "secret"});
    for (int i = 0; i != 20; ++i) {
        const std::size_t size = random() % 300'000 + 1;
        connection.send_bytes(std::string(size, static_cast<char>('a' + random() % 26)));
        ASSERT_EQ(connection.recv<std::size_t>(), size);
    }
}

class NetworkChaos : public testing::TestWithParam<Address> {};
INSTANTIATE_TEST_SUITE_P(, NetworkChaos, testing::Values(Address(), Address::tcp("127.0.0.1", 0)));

TEST_P(NetworkChaos, peers_that_are_killed_at_any_moment) {
    const unsigned seed = std::random_device{}();
    RecordProperty("seed", std::to_string(seed));
    std::minstd_rand random(seed);
    const Server server(GetParam());
    for (std::size_t i = 0; i != repetitions(500); ++i) {
        const unsigned own = static_cast<unsigned>(random());
        ForkedChild peer([&] {
            for (;;) send_messages(server.address(), own);
        });
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
    }
    ForkedChild honest([&] { send_messages(server.address(), seed); });
    EXPECT_EQ(honest.wait().code(), 0) << "seed " << seed;
    EXPECT_GE(server.whole(), 20);
}

TEST_P(NetworkChaos, two_hundred_peers_that_never_finish) {
    const Server server(GetParam());
    std::vector<Descriptor> silent;
    const std::string part = std::string("\0\0\0\x10", 4) + "abc";
    for (int i = 0; i != 200; ++i) {
        silent.push_back(connect_raw(server.address()));
        if (i % 3 == 1) os::send_whole(silent.back().get(), std::as_bytes(std::span(part)).first(2));
        if (i % 3 == 2) os::send_whole(silent.back().get(), std::as_bytes(std::span(part)));
    }
    for (unsigned i = 0; i != 5; ++i) send_messages(server.address(), i);
    EXPECT_EQ(server.whole(), 100);
}

std::ptrdiff_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
}

TEST_P(NetworkChaos, a_thousand_strangers_who_say_nothing_flood_and_guess) {
    const Server server(GetParam());
    const auto known = Client(server.address(), {.authkey = "secret"});
    const std::ptrdiff_t before = open_descriptors();
    const Strangers strangers(server.address(), 5'000);
    for (int i = 0; i != 200; ++i) {
        known.send_bytes("mmmmmmm");
        ASSERT_EQ(known.recv<std::size_t>(), 7U);
    }
    EXPECT_LE(open_descriptors(), before + 600);  // at most 512 within a handshake
    for (unsigned i = 0; i != 5; ++i) send_messages(server.address(), i);
    EXPECT_EQ(server.whole(), 300);
}

TEST_P(NetworkChaos, garbage) {
    const unsigned seed = std::random_device{}();
    std::minstd_rand random(seed);
    const Server server(GetParam());
    for (std::size_t i = 0; i != repetitions(1000); ++i) {
        std::string bytes(random() % 300 + 1, '\0');
        for (char& each : bytes) each = static_cast<char>(random() >> 8);
        if (random() % 2) bytes.replace(0, 3, std::string(3, '\0'));
        const Descriptor peer = connect_raw(server.address());
        try {
            os::send_whole(peer.get(), std::as_bytes(std::span(bytes)));
        } catch (const std::system_error&) {  // it was refused before all was sent
        }
    }
    send_messages(server.address(), seed);
    EXPECT_EQ(server.whole(), 20);
}

}  // namespace
}  // namespace cohort::test
