// SPDX-License-Identifier: MIT
#include "chaos/manager_kills.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/manager/manager.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/process/process.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

namespace cohort::test {

namespace {

using namespace std::chrono_literals;

constexpr int kClients = 8;

/// What all clients use.
struct Shared {
    explicit Shared(const Manager& server) : manager(server) {
        for (int i = 0; i < kClients; ++i) counts[i] = 0;
    }

    const Manager& manager;
    DictProxy<int, int> counts = manager.dict<int, int>();
    DictProxy<int, ListProxy<int>> stored = manager.dict<int, ListProxy<int>>();
    ListProxy<std::string> texts = manager.list<std::string>();
    QueueProxy<int> queue = manager.Queue<int>(10);
    EventProxy never = manager.Event();
    NamespaceProxy names = manager.Namespace();
    ValueProxy<long> value = manager.Value<long>(0);
    ArrayProxy<double> array = manager.Array<double>({1, 2, 3});
    SetProxy<int> numbers = manager.set<int>();
};

using Operation = void (*)(const Shared& shared, int client);

/// One of each kind: calls that are answered at once, that make objects, store them, wait, and take long to send.
constexpr std::array<Operation, 14> kOperations{
    [](auto& shared, int client) { shared.counts[client] += 1; },
    [](auto& shared, int client) { shared.counts.update_with(client, [](int n) { return n + 1; }); },
    [](auto& shared, int client) { shared.stored[client] = shared.manager.template list<int>({client}); },
    [](auto& shared, int client) {
        if (shared.stored.contains(client)) shared.stored.at(client).append(1);
    },
    [](auto& shared, int client) { shared.stored.erase(client); },
    [](auto& shared, int) { shared.texts.append(std::string(300000, 'x')); },
    [](auto& shared, int) {
        if (shared.texts.copy().size() > 10) shared.texts.clear();
    },
    [](auto& shared, int client) { shared.queue.try_put(client, 1ms); },
    [](auto& shared, int) { shared.queue.try_get(1ms); },
    [](auto& shared, int) { shared.never.wait(1ms); },
    [](auto& shared, int client) {
        shared.names.set("x", client);
        shared.names.template get<int>("x");
    },
    [](auto& shared, int client) {
        shared.value.fetch_add(1);
        shared.array[client % 3] = 1;
        shared.numbers.add(client);
    },
    [](auto& shared, int) {
        for (const ObjectProxy iterator = shared.counts.template call<ObjectProxy>("__iter__");;)
            iterator.call("__next__");
    },
    [](auto& shared, int client) {
        const auto outer = shared.manager.template dict<int, DictProxy<int, int>>();
        outer[client] = shared.manager.template dict<int, int>({{1, 2}});
        outer.at(client)[3] = 4;
    },
};

void use_everything(const Shared& shared, int client, unsigned seed) {
    for (std::minstd_rand random(seed);;) {
        try {
            kOperations[random() % kOperations.size()](shared, client);
        } catch (const KeyError&) {     // another client, or an earlier one of this number
        } catch (const RemoteError&) {  // the end of an iterator
        }
    }
}

class Clients {
public:
    Clients(const Shared& shared, std::minstd_rand& random) : shared_(shared), random_(random) {
        for (int i = 0; i < kClients; ++i) clients_.push_back(start(i));
    }
    ~Clients() {
        for (int i = 0; i < kClients; ++i) kill(i);
    }
    void replace(int number) {
        kill(number);
        clients_[static_cast<std::size_t>(number)] = start(number);
    }

private:
    Process start(int number) {
        Process client(
            [this, number, seed = static_cast<unsigned>(random_())] { use_everything(shared_, number, seed); });
        client.start();
        return client;
    }
    void kill(int number) {
        Process& victim = clients_[static_cast<std::size_t>(number)];
        victim.kill();
        victim.join();
    }

    const Shared& shared_;
    std::minstd_rand& random_;
    std::vector<Process> clients_;
};

std::minstd_rand seeded() {
    const auto seed = std::random_device()();
    std::cout << "seed " << seed << '\n';
    return std::minstd_rand(seed);
}

/// How often each object is referred to, in the order of their names.
std::vector<std::string> reference_counts(const Manager& manager) {
    std::vector<std::string> counts;
    const std::string text = manager.debug_info();
    for (auto at = text.find("refcount="); at != std::string::npos; at = text.find("refcount=", at + 1))
        counts.push_back(text.substr(at + 9, text.find('\n', at) - at - 9));
    return counts;
}

void expect_nothing_is_left(const Shared& shared) {
    shared.stored.clear();
    const std::vector<std::string> one_each(9, "1");
    while (reference_counts(shared.manager) != one_each) std::this_thread::yield();
    EXPECT_EQ(shared.counts.size(), static_cast<std::size_t>(kClients));
    // Whoever waited in the queue takes nothing.
    while (shared.queue.try_get()) continue;
    for (int i = 0; i < 10; ++i) shared.queue.put(i);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(shared.queue.get(), i);
    EXPECT_EQ(shared.array.size(), 3U);
}

}  // namespace

void kill_clients(std::size_t times) {
    std::minstd_rand random = seeded();
    const Manager manager;
    const Shared shared(manager);
    {
        Clients clients(shared, random);
        for (std::size_t i = 0; i < times; ++i) {
            std::this_thread::sleep_for(std::chrono::microseconds(random() % 5000));
            clients.replace(static_cast<int>(random() % kClients));
        }
    }
    expect_nothing_is_left(shared);
}

namespace {

/// @returns whether the error says which server has gone
bool says_who_has_gone(const std::exception& error, const Manager& manager) {
    const Address& address = manager.address();
    const std::string name = address.is_tcp() ? std::to_string(address.port()) : address.to_string();
    const bool good = std::string_view(error.what()).find(name) != std::string_view::npos;
    if (!good) std::cerr << "another error: " << error.what() << '\n';
    return good;
}

/// @returns the exit status of a client
int use_until_the_end(const Shared& shared, int client, unsigned seed) {
    try {
        if (client == 0) shared.never.wait();
        if (client == 1)
            for (;;) shared.queue.get();
        use_everything(shared, client, seed);
    } catch (const EofError& error) {
        return says_who_has_gone(error, shared.manager) ? 0 : 1;
    } catch (const std::system_error& error) {
        return says_who_has_gone(error, shared.manager) ? 0 : 1;
    }
    return 2;
}

}  // namespace

void kill_servers(std::size_t times) {
    std::minstd_rand random = seeded();
    for (std::size_t i = 0; i < times; ++i) {
        const Manager manager(i % 2 == 0 ? ManagerOptions{} : ManagerOptions{.address = Address::tcp("127.0.0.1", 0)});
        const pid_t server = active_children().at(0).pid;
        const Shared shared(manager);
        std::vector<Process> clients;
        for (int client = 0; client < kClients; ++client) {
            const auto seed = static_cast<unsigned>(random());
            clients.emplace_back([&shared, client, seed] { std::exit(use_until_the_end(shared, client, seed)); });
            clients.back().start();
        }
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 30000));
        ::kill(server, SIGKILL);
        for (Process& each : clients) {
            each.join();
            EXPECT_EQ(each.exitcode(), 0);
        }
    }
}

}  // namespace cohort::test
