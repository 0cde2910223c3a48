// SPDX-License-Identifier: MIT
// What peers without the key cost those who have it.
#include <cohort/channel/client.hpp>
#include <cohort/channel/listener.hpp>
#include <cohort/manager/manager.hpp>

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "chaos/strangers.hpp"
#include "support/workload.hpp"

namespace {

using namespace cohort;

constexpr int kCalls = 10'000;

double thousands_a_second(const std::function<void()>& calls) {
    return kCalls / bench::seconds(calls) / 1000;
}

/// Accepts until it is closed; sends back what the first peer that has proved itself sends.
class EchoServer {
public:
    ~EchoServer() {
        listener_.close();
        accepting_.join();
    }
    Address address() const { return listener_.address(); }

private:
    void accept() {
        std::jthread serving;
        for (;;) try {
                const Connection peer = listener_.accept();
                serving = std::jthread([peer] { echo(peer); });
            } catch (const AuthenticationError&) {
            } catch (const ValueError&) {
                return;  // closed
            }
    }
    static void echo(const Connection& peer) {
        try {
            for (;;) peer.send_bytes(peer.recv_bytes());
        } catch (const EofError&) {
        }
    }

    Listener listener_{ListenerOptions{.authkey = "secret"}};
    std::thread accepting_{[this] { accept(); }};
};

double echoes(bool among_strangers) {
    EchoServer server;
    const auto connection = Client(server.address(), {.authkey = "secret"});
    std::optional<test::Strangers> strangers;
    if (among_strangers) strangers.emplace(server.address());
    return thousands_a_second([&] {
        for (int i = 0; i != kCalls; ++i) {
            connection.send_bytes("sixteen bytes...");
            if (connection.recv_bytes().size() != 16) throw std::runtime_error("another message came back");
        }
    });
}

double manager_calls(bool among_strangers) {
    const Manager manager;
    const auto numbers = manager.dict<int, int>({{1, 0}});
    std::optional<test::Strangers> strangers;
    if (among_strangers) strangers.emplace(manager.address());
    const double rate = thousands_a_second([&] {
        for (int i = 0; i != kCalls; ++i) numbers[1] += 1;
    });
    if (numbers[1] != kCalls) throw std::runtime_error("a call was lost");
    return rate;
}

}  // namespace

int main(int argc, char** argv) {
    bench::Workload workload("strangers",
                             "Peers without the key: 1,000 silent ones, one that floods, one that guesses");
    const auto add = [&](const std::string& name, double (*run)(bool)) {
        workload.add({name + ", alone", "kcall/s", [run] { return run(false); }});
        workload.add({name + ", among strangers", "kcall/s", [run] { return run(true); }});
        workload.add({name + ": what is left of the rate", name + ", among strangers", name + ", alone", 0.5,
                      bench::Goal::Kind::at_least});
    };
    add("Listener", echoes);
    add("Manager", manager_calls);
    return workload.run(argc, argv);
}
