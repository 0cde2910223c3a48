// SPDX-License-Identifier: MIT
// Connections with other programs: with arguments, `serve` for a Python client and `ask ADDRESS` for a Python listener.
#include <cohort/cohort.hpp>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;

std::string text_of(const std::vector<std::byte>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string in_capitals(std::string text) {
    for (char& each : text) each = static_cast<char>(std::toupper(static_cast<unsigned char>(each)));
    return text;
}

// [serve]
void answer(const cohort::Connection& peer) {
    try {
        for (;;) peer.send_bytes(in_capitals(text_of(peer.recv_bytes())));
    } catch (const cohort::EofError&) {  // it has closed
    }
}

void serve() {
    cohort::Listener listener({.address = cohort::Address::tcp("127.0.0.1", 0), .authkey = "secret"});
    std::cout << listener.address() << std::endl;  // 127.0.0.1:41273
    answer(listener.accept());
}
// [/serve]

// [ask]
void ask(const std::string& address) {
    const auto connection = cohort::Client(cohort::Address::parse(address), {.authkey = "secret", .timeout = 10s});
    connection.send_bytes("hello");
    std::cout << text_of(connection.recv_bytes()) << '\n';
}
// [/ask]

// [values]
struct Order {
    std::string name;
    std::vector<double> prices;
};

double sum_of(const Order& order) {
    double sum = 0;
    for (const double each : order.prices) sum += each;
    return sum;
}

void shop(const cohort::Address& address) {
    const auto connection = cohort::Client(address, {.authkey = "secret"});
    connection.send(Order{"tea", {1.5, 2.25}});
    std::cout << "tea: " << connection.recv<double>() << std::endl;
}

void values() {
    cohort::Listener listener({.authkey = "secret"});  // at an address that only this machine knows
    cohort::Process client(shop, listener.address());
    client.start();
    const auto peer = listener.accept(60s);
    peer.send(sum_of(peer.recv<Order>()));
    client.join();
}
// [/values]

// [refused]
void refused() {
    cohort::Listener listener({.authkey = "secret"});
    cohort::Process stranger(
        +[](const cohort::Address& address) {
            try {
                cohort::Client(address, {.authkey = "another"});
            } catch (const cohort::AuthenticationError& error) {
                std::cout << "here: " << error.what() << std::endl;
            }
        },
        listener.address());
    stranger.start();
    try {
        listener.accept();
    } catch (const cohort::AuthenticationError& error) {  // of this peer only: accept() may be called again
        stranger.join();
        std::cout << "there: " << error.what() << '\n';
    }
}
// [/refused]

// [tls]
const cohort::TlsOptions kServerFiles{.cert = "server.pem", .key = "server.key", .ca = "ca.pem"};
const cohort::TlsOptions kClientFiles{.cert = "client.pem", .key = "client.key", .ca = "ca.pem"};

void count_words(int port) {
    const auto connection = cohort::Client(cohort::Address::tls("localhost", port, kClientFiles));
    connection.send(std::string("for nobody else"));
    std::cout << "words: " << connection.recv<int>() << std::endl;
}

void over_tls() {
    cohort::Listener listener({.address = cohort::Address::tls("localhost", 0, kServerFiles)});
    cohort::Process client(count_words, listener.address().port());
    client.start();
    const auto peer = listener.accept(60s);
    const auto text = peer.recv<std::string>();
    peer.send(static_cast<int>(1 + std::ranges::count(text, ' ')));
    client.join();
}
// [/tls]

}  // namespace

int main(int count, char** arguments) {
    const std::string_view mode = count > 1 ? arguments[1] : "";
    if (mode == "serve") {
        serve();
    } else if (mode == "ask") {
        ask(arguments[2]);
    } else if (mode == "tls") {
        over_tls();
    } else {
        values();
        refused();
    }
}
