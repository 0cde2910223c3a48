// SPDX-License-Identifier: MIT
// Clients of a manager are killed while they hold its locks and wait for them: no lock, unit or notification is lost.
#include <cohort/base/errors.hpp>
#include <cohort/manager/manager.hpp>
#include <cohort/process/process.hpp>

#include "support/counts.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

namespace {

using namespace cohort;
using namespace std::chrono_literals;

/// What all clients use.
struct World {
    explicit World(const Manager& manager)
        : lock(manager.Lock()),
          recursive(manager.RLock()),
          semaphore(manager.Semaphore(2)),
          condition(manager.Condition()),
          barrier(manager.Barrier(2)),
          tokens(manager.Value<int>()),
          inside(manager.Value<int>()),
          violations(manager.Value<int>()) {}
    static constexpr std::size_t kObjects = 8;

    LockProxy lock;
    RLockProxy recursive;
    SemaphoreProxy semaphore;
    ConditionProxy condition;
    BarrierProxy barrier;
    ValueProxy<int> tokens;  // one for each that may go on, under the condition
    ValueProxy<int> inside;  // who has both locks
    ValueProxy<int> violations;
};

void use_locks(const World& world, int number) {
    for (;;) {
        {
            const std::scoped_lock guard(world.lock, world.recursive);
            world.inside.set(number);
            if (world.inside.get() != number) world.violations.fetch_add(1);
        }
        {
            const std::scoped_lock guard(world.semaphore);
            try {
                world.barrier.wait(1ms);
            } catch (const BrokenBarrierError&) {
                world.barrier.reset();
            }
        }
        const std::scoped_lock guard(world.condition);
        world.condition.wait_for([&] { return world.tokens.get() > 0; });
        world.tokens.fetch_add(-1);
    }
}

void give_tokens(const World& world, int count) {
    const std::scoped_lock guard(world.condition);
    world.tokens.fetch_add(count);
    world.condition.notify(count);
}

TEST(ManagerKills, clients_that_are_killed_lose_no_lock_and_no_notification) {
    const std::size_t kills = test::repetitions(1000);
    const auto seed = std::random_device()();
    std::cout << "seed " << seed << '\n';
    std::minstd_rand random(seed);
    const Manager manager;
    const World world(manager);
    const auto start = [&](int number) {
        Process client([&world, number] { use_locks(world, number); });
        client.start();
        return client;
    };
    std::vector<Process> clients;
    for (int i = 0; i < 4; ++i) clients.push_back(start(i));
    for (std::size_t i = 0; i < kills; ++i) {
        give_tokens(world, 3);
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 5000));
        Process& victim = clients[i % 4];
        victim.kill();
        victim.join();
        victim = start(static_cast<int>(i % 4));
    }
    while (world.tokens.get() > 0) std::this_thread::yield();
    for (Process& each : clients) {
        each.kill();
        each.join();
    }
    EXPECT_TRUE(world.lock.acquire() && world.recursive.acquire() && world.condition.acquire());
    for (int i = 0; i < 2; ++i) world.semaphore.lock();
    EXPECT_EQ(world.violations.get(), 0);
    while (manager.number_of_objects() != World::kObjects) std::this_thread::yield();
}

}  // namespace
