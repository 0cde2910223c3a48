// SPDX-License-Identifier: MIT
// The server of a manager is killed within calls that go through shared memory: each client errs, and none hangs.
#include <cohort/base/errors.hpp>
#include <cohort/manager/manager.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/process/process.hpp>
#include <cohort/sync/semaphore.hpp>

#include "support/counts.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace {

using namespace cohort;
using namespace std::chrono_literals;

constexpr int kClients = 4;

/// Small calls, long values and waits, until the server has gone.
void call_until_the_end(const Manager& manager, const DictProxy<int, std::string>& shared, Semaphore& begun) {
    try {
        const auto event = manager.Event();
        const std::string large(300000, 'x');
        for (int i = 0;; ++i) {
            if (i == 20) begun.release();
            shared[i % 3] = "small";
            shared[3] = large;
            if (shared.at(3) != large) std::exit(1);
            event.wait(1ms);
        }
    } catch (const EofError&) {
    } catch (const std::system_error&) {
    }
}

TEST(ManagerServerKills, every_client_errs) {
    const std::size_t kills = test::repetitions(30);
    const auto seed = std::random_device()();
    std::cout << "seed " << seed << '\n';
    std::minstd_rand random(seed);
    for (std::size_t i = 0; i < kills; ++i) {
        const Manager manager;
        const pid_t server = active_children().at(0).pid;
        const auto shared = manager.dict<int, std::string>();
        Semaphore begun(0);
        std::vector<Process> clients;
        for (int n = 0; n < kClients; ++n) {
            clients.emplace_back(ProcessOptions{.start_method = StartMethod::fork},
                                 [&] { call_until_the_end(manager, shared, begun); });
            clients.back().start();
        }
        for (int n = 0; n < kClients; ++n) begun.acquire();
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000));
        ::kill(server, SIGKILL);
        for (Process& each : clients) {
            each.join();
            EXPECT_EQ(each.exitcode(), 0);
        }
    }
}

}  // namespace
