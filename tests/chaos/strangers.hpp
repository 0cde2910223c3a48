// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/errors.hpp>
#include <cohort/channel/client.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/process/process.hpp>

#include "os/limits.hpp"
#include "os/tcp_socket.hpp"
#include "os/unix_socket.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace cohort::test {

inline Descriptor connect_raw(const Address& address) {
    if (address.is_tcp()) return os::tcp_connect({address.host(), address.port()}, Deadline(forever));
    return os::unix_connect(address.path(), Deadline(forever));
}

/// Peers of a Listener or a manager that have no key, each kind in a process of its own: a thousand that say nothing,
/// or half of what they should; one that connects and sends rubbish without a pause; one that tries another key again
/// and again.
class Strangers {
public:
    static constexpr std::size_t kSilent = 1000;

    /// Returns when all of the silent ones have connected, and the others have begun.
    /// @param most  how often the others try; they wait then
    explicit Strangers(const Address& address, std::size_t most = static_cast<std::size_t>(-1)) {
        for (const auto& work : {be_silent, flood, try_keys}) {
            auto [here, there] = Pipe();
            processes_.emplace_back([work, address, most, end = std::move(there)] {
                work(address, most, end);
                end.recv<int>();
            });
            processes_.back().start();
            begun_.push_back(std::move(here));
        }
        for (const Connection& each : begun_) each.recv<int>();
    }
    ~Strangers() {
        for (Process& each : processes_) {
            each.kill();
            each.join();
        }
    }
    Strangers(const Strangers&) = delete;
    Strangers& operator=(const Strangers&) = delete;

private:
    static void be_silent(const Address& address, std::size_t, const Connection& ready) {
        os::raise_descriptor_limit();
        static std::vector<Descriptor> all;  // until the process ends
        const std::string part("\0\0\0\x10part", 8);
        while (all.size() != kSilent) {
            all.push_back(connect_raw(address));
            if (all.size() % 2 == 0) send(all.back(), part);
        }
        ready.send(1);
    }

    static void flood(const Address& address, std::size_t most, const Connection& ready) {
        ready.send(1);
        for (std::size_t i = 0; i != most; ++i) try {
                send(connect_raw(address), std::string(300, 'x'));
            } catch (const std::system_error&) {  // no port is left
            }
    }

    static void try_keys(const Address& address, std::size_t most, const Connection& ready) {
        ready.send(1);
        for (std::size_t i = 0; i != most; ++i) try {
                Client(address, {.authkey = "another"});
            } catch (const AuthenticationError&) {
            } catch (const std::system_error&) {
            }
    }

    static void send(const Descriptor& peer, const std::string& bytes) {
        try {
            os::send_whole(peer.get(), std::as_bytes(std::span(bytes)));
        } catch (const std::system_error&) {  // it was refused before all was sent
        }
    }

    std::vector<Process> processes_;
    std::vector<Connection> begun_;
};

}  // namespace cohort::test
