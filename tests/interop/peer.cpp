// SPDX-License-Identifier: MIT
// One side of a connection; peer.py is the other, or the same again. See connections.py.
#include <cohort/cohort.hpp>

#include <chrono>
#include <cstddef>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace cohort;
using namespace std::chrono_literals;

struct Options {
    Address address;
    std::optional<std::string> key{};
    std::vector<std::size_t> sizes{};
    bool allow_md5 = true;
    Timeout handshake_timeout = 60s;
    bool objects = false;
};

/// Sends back every message until the other side closes.
void echo(const Connection& connection, bool objects) {
    try {
        for (;;)
            if (objects)
                connection.send_object(connection.recv_object());
            else
                connection.send_bytes(connection.recv_bytes());
    } catch (const EofError&) {
    }
}

void listen(const Options& options) {
    Listener listener({.address = options.address,
                       .authkey = options.key,
                       .allow_md5 = options.allow_md5,
                       .handshake_timeout = options.handshake_timeout});
    std::cout << listener.address() << std::endl;
    echo(listener.accept(), options.objects);
}

void connect(const Options& options) {
    const auto connection = Client(
        options.address,
        {.authkey = options.key, .allow_md5 = options.allow_md5, .handshake_timeout = options.handshake_timeout});
    for (const std::size_t size : options.sizes) {
        std::vector<std::byte> message(size);
        for (std::size_t i = 0; i < size; i += 1000) message[i] = static_cast<std::byte>(i / 1000 + size);
        connection.send_bytes(message);
        if (connection.recv_bytes() != message) throw std::runtime_error("another message came back");
    }
}

/// Arguments as `name=value`; `key=` is an empty key.
Options parse(int count, char** arguments) {
    Options options;
    for (int i = 2; i != count; ++i) {
        const std::string argument = arguments[i];
        const auto equals = argument.find('=');
        const std::string name = argument.substr(0, equals), value = argument.substr(equals + 1);
        if (name == "address") options.address = Address::parse(value);
        if (name == "key") options.key = value;
        if (name == "size") options.sizes.push_back(std::stoull(value));
        if (name == "md5") options.allow_md5 = value == "yes";
        if (name == "objects") options.objects = true;
        if (name == "handshake") options.handshake_timeout = std::chrono::milliseconds(std::stol(value));
    }
    return options;
}

}  // namespace

int main(int count, char** arguments) {
    try {
        const Options options = parse(count, arguments);
        arguments[1] == std::string_view("listen") ? listen(options) : connect(options);
        std::cout << "done" << std::endl;
    } catch (const AuthenticationError& error) {
        std::cout << "refused: " << error.what() << std::endl;
    } catch (const std::exception& error) {
        std::cout << "error: " << error.what() << std::endl;
    }
}
