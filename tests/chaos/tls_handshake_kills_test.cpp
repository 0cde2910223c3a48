// SPDX-License-Identifier: MIT
// Clients and servers are killed within handshakes of TLS and of the key: a server goes on and keeps nothing of the
// dead, a client errs.
#include <cohort/base/errors.hpp>
#include <cohort/channel/client.hpp>
#include <cohort/manager/manager.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/process/process.hpp>
#include <cohort/sync/semaphore.hpp>

#include "support/certificates.hpp"
#include "support/counts.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

constexpr int kClients = 3;
constexpr const char* kKey = "secret";

/// The way to a server, and the other side's files.
struct Place {
    Certificates files{};
    ManagerOptions server{.address = Address::tls("127.0.0.1", 0, files.issue()), .authkey = kKey};
    TlsOptions client = files.issue();

    Address seen_by_clients(const Manager& manager) const {
        return Address::tls("127.0.0.1", manager.address().port(), client);
    }
};

/// Nothing but handshakes.
void connect_again_and_again(const Address& address, Semaphore& begun) {
    for (int i = 0;; ++i) {
        if (i == 1) begun.release();
        Client(address, {.authkey = kKey}).close();
    }
}

void connect_until_the_end(const Address& address, Semaphore& begun) {
    try {
        connect_again_and_again(address, begun);
    } catch (const AuthenticationError&) {  // it has gone within the handshake
    } catch (const std::system_error&) {
    }
}

std::ptrdiff_t descriptors_of(pid_t pid) {
    const std::filesystem::directory_iterator all("/proc/" + std::to_string(pid) + "/fd");
    return std::distance(begin(all), end(all));
}

std::minstd_rand seeded() {
    const auto seed = std::random_device()();
    std::cout << "seed " << seed << '\n';
    return std::minstd_rand(seed);
}

TEST(TlsHandshakeKills, the_server_goes_on_without_the_dead) {
    const std::size_t kills = repetitions(300);
    auto random = seeded();
    const Place place;
    const Manager manager(place.server);
    const auto counts = manager.dict<std::string, std::size_t>({{"n", 0}});
    const pid_t server = active_children().at(0).pid;
    const std::ptrdiff_t before = descriptors_of(server);
    Semaphore begun(0);
    for (std::size_t i = 0; i < kills; ++i) {
        Process client({.start_method = StartMethod::fork},
                       [&] { connect_again_and_again(place.seen_by_clients(manager), begun); });
        client.start();
        begun.acquire();
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 5000));
        client.kill();
        client.join();
        EXPECT_EQ(client.exitcode(), -SIGKILL);
        counts["n"] += 1;
    }
    EXPECT_EQ(counts.at("n"), kills);
    while (descriptors_of(server) != before) std::this_thread::yield();
    std::jthread([&] { counts["n"] += 1; }).join();  // it connects
    EXPECT_EQ(counts.at("n"), kills + 1);
}

TEST(TlsHandshakeKills, every_client_errs) {
    const std::size_t kills = repetitions(100);
    auto random = seeded();
    const Place place;
    for (std::size_t i = 0; i < kills; ++i) {
        const Manager manager(place.server);
        const pid_t server = active_children().at(0).pid;
        Semaphore begun(0);
        std::vector<Process> clients;
        for (int n = 0; n < kClients; ++n) {
            clients.emplace_back(ProcessOptions{.start_method = StartMethod::fork},
                                 [&] { connect_until_the_end(place.seen_by_clients(manager), begun); });
            clients.back().start();
        }
        for (int n = 0; n < kClients; ++n) begun.acquire();
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 5000));
        ::kill(server, SIGKILL);
        for (Process& each : clients) {
            each.join();
            EXPECT_EQ(each.exitcode(), 0);
        }
    }
}

}  // namespace
}  // namespace cohort::test
