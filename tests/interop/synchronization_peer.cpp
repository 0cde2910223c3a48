// SPDX-License-Identifier: MIT
// A manager's server, or a client that uses locks, a pool and shared memory of one of cohort or Python. See
// synchronization.py.
#include "expect.hpp"

#include <cohort/cohort.hpp>

#include <chrono>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <vector>

namespace {

using namespace cohort;
using namespace std::chrono_literals;

int square(int n) {
    if (n < 0) throw std::out_of_range("no " + std::to_string(n));
    return n * n;
}

void serve(const Address& address, const std::string& key) {
    SharedMemoryManager manager({.address = address, .authkey = key});
    manager.register_type("square", square);
    manager.register_type("add", [](int a, int b) { return a + b; });
    manager.register_type("shared_rlock", [lock = RLock()] { return lock; });
    manager.register_type("shared_semaphore", [semaphore = Semaphore(1)] { return semaphore; });
    manager.register_type("shared_condition", [condition = Condition()] { return condition; });
    const Barrier barrier(3);
    for (const char* name : {"shared_barrier", "barrier_by_names"})
        manager.register_type(name, [barrier] { return barrier; });
    ManagerServer server = manager.get_server();
    std::cout << server.address() << std::endl;
    server.serve_forever();
}

void use_lock(const BaseManager& manager) {
    const auto lock = manager.call<LockProxy>("Lock");
    expect(lock.acquire() && !lock.acquire(false) && !lock.acquire(1ms) && lock.locked(), "Lock: acquire");
    std::thread([lock] { lock.release(); }).join();
    expect(!lock.locked() && !lock.abandoned(), "Lock: release");
    expect_thrown<std::runtime_error>([&] { lock.release(); }, "Lock: release unlocked");
    const auto recursive = manager.call<RLockProxy>("RLock");
    const std::scoped_lock guard(recursive, lock);
    expect(recursive.try_lock(), "RLock: again");
    std::thread([recursive] {
        expect(!recursive.try_lock(), "RLock: by another thread");
        expect_thrown<std::runtime_error>([&] { recursive.release(); }, "RLock: release by another thread");
    }).join();
    recursive.release();
}

void use_semaphores(const BaseManager& manager) {
    const auto semaphore = manager.call<SemaphoreProxy>("Semaphore", 2);
    {
        const std::scoped_lock guard(semaphore);
        expect(semaphore.try_lock() && !semaphore.try_lock() && !semaphore.acquire(1ms), "Semaphore: guards");
        semaphore.unlock();
    }
    expect(semaphore.acquire() && semaphore.acquire(), "Semaphore: acquire");
    std::thread([semaphore] { semaphore.release(); }).join();
    expect(semaphore.acquire(), "Semaphore: release");
    const auto bounded = manager.call<SemaphoreProxy>("BoundedSemaphore");
    expect_thrown<ValueError>([&] { bounded.release(); }, "BoundedSemaphore: too often");
    if (!semaphore.is_atomic()) expect_thrown<Error>([&] { semaphore.get_value(); }, "Semaphore: value");
}

void use_condition(const BaseManager& manager, const ConditionProxy& condition) {
    expect_thrown<std::runtime_error>([&] { condition.wait(); }, "Condition: needs its lock");
    const auto value = manager.call<ValueProxy<int>>("Value", "i", 0);
    std::thread waiter([condition, value] {
        const std::scoped_lock guard(condition);
        expect(condition.wait_for([&] { return value.get() == 1; }), "Condition: wait_for");
        value.set(2);
        condition.notify_all();
    });
    {
        const std::scoped_lock guard(condition);
        expect(!condition.wait(1ms), "Condition: wait");
        value.set(1);
        condition.notify();
        expect(condition.wait_for([&] { return value.get() == 2; }, 1h), "Condition: notify");
    }
    waiter.join();
}

void use_barrier(const BaseManager& manager) {
    const auto barrier = manager.call<BarrierProxy>("Barrier", 2);
    std::ptrdiff_t other = -1;
    std::thread party([&] { other = barrier.wait(forever); });
    const std::ptrdiff_t own = barrier.wait();
    party.join();
    expect(own + other == 1 && barrier.parties() == 2, "Barrier: wait");
    expect_thrown<BrokenBarrierError>([&] { barrier.wait(1ms); }, "Barrier: time");
    expect(barrier.broken() && barrier.n_waiting() == 0, "Barrier: broken");
    barrier.reset();
    expect(!barrier.broken(), "Barrier: reset");
    barrier.abort();
    expect_thrown<BrokenBarrierError>([&] { barrier.wait(); }, "Barrier: abort");
}

void use_own_locks(const BaseManager& manager, bool python_server) {
    const auto d = manager.call<DictProxy<int, int>>("dict");
    if (python_server) return expect_thrown<Error>([&] { d.lock(); }, "an object's lock");
    const auto lock = d.lock();
    const std::scoped_lock guard(lock);
    expect(d.lock().locked(), "an object's lock");
}

// On a server of Python a pool calls functions of Python.
void use_pool(const BaseManager& manager, bool python_server) {
    const Object function = python_server ? Object::global("math", "factorial") : Object("square");
    const Object sum = python_server ? Object::global("math", "gcd") : Object("add");
    const auto pool = manager.call<PoolProxy>("Pool", 2);
    const std::vector numbers{1, 2, 3};
    const std::vector results = python_server ? std::vector{1, 2, 6} : std::vector{1, 4, 9};
    expect(pool.map<int>(function, numbers) == results, "Pool: map");
    expect(pool.apply<int>(function, 3) == results[2], "Pool: apply");
    expect(pool.starmap<int>(sum, std::vector<std::tuple<int, int>>{{4, 6}}).at(0) == (python_server ? 2 : 10),
           "Pool: starmap");
    const auto later = pool.map_async<int>(function, numbers);
    later.wait();
    expect(later.get(1h) == results && later.ready() && later.successful(), "Pool: map_async");
    std::vector<int> walked;
    for (const int each : pool.imap<int>(function, numbers)) walked.push_back(each);
    expect(walked == results, "Pool: imap");
    if (python_server)
        expect_thrown<ValueError>([&] { pool.apply(function, -1); }, "Pool: an exception");
    else
        expect_thrown<std::out_of_range>([&] { pool.apply(function, -1); }, "Pool: an exception");
    expect_thrown<ValueError>([&] { pool.join(); }, "Pool: join");
    pool.terminate();
    pool.join();
}

void use_shared_memory(const Address& address, const std::string& key) {
    SharedMemoryManager manager({.address = address, .authkey = key});
    manager.connect();
    const auto segment = manager.SharedMemory(64);
    const auto list = manager.ShareableList({1, 2.5, "text"});
    expect(SharedMemory({.name = segment.name()}).size() >= 64, "SharedMemory");
    expect(ShareableList(ShareableListOptions{.name = list.name()}).size() == 3, "ShareableList");
}

void use(const Address& address, const std::string& key, std::string_view mode) {
    const bool python_server = mode != "use-cohort";
    BaseManager manager({.address = address, .authkey = key});
    manager.connect();
    if (mode != "use-python-3.8") use_shared_memory(address, key);
    use_pool(manager, python_server);
    use_lock(manager);
    use_semaphores(manager);
    if (!python_server) use_condition(manager, manager.call<ConditionProxy>("shared_condition"));
    use_condition(manager, manager.call<ConditionProxy>("Condition"));
    use_condition(manager, manager.call<ConditionProxy>("Condition", manager.call<LockProxy>("Lock")));
    use_barrier(manager);
    use_own_locks(manager, python_server);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const std::string_view mode = argv[1];
    try {
        if (mode == "serve")
            serve(*argv[2] ? Address::parse(argv[2]) : Address(), argv[3]);
        else
            use(Address::parse(argv[2]), argv[3], mode);
    } catch (const std::exception& error) {
        std::cout << "FAILED: " << error.what() << '\n';
        return 1;
    }
    if (mode != "serve" && failures == 0) std::cout << "ok" << std::endl;
    return failures == 0 ? 0 : 1;
}
