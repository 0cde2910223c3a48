// SPDX-License-Identifier: MIT
// One text for what excludes others: the locks of the program, those of a manager's server, and those of the program
// that a server shares.
#include <cohort/base/errors.hpp>
#include <cohort/manager/manager.hpp>
#include <cohort/process/process.hpp>
#include <cohort/sync/condition.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/lock.hpp>
#include <cohort/sync/semaphore.hpp>
#include <cohort/sync/value.hpp>

#include "conformance/start_methods.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <iterator>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

/// In what locks differ.
struct Traits {
    bool recursive = false;
    bool counted = true;            ///< one that nobody holds cannot be released
    bool tells_of_the_dead = true;  ///< abandoned()
};

constexpr Traits kSemaphore{.counted = false, .tells_of_the_dead = false};
constexpr Traits kBounded{.tells_of_the_dead = false};
constexpr Traits kRecursive{.recursive = true, .tells_of_the_dead = false};  // of the program

template <class L, Traits kTraits>
struct Local {
    static constexpr Traits traits = kTraits;
    L lock{};
};

template <class P, P (*make)(const Manager&), Traits kTraits>
struct Served {
    static constexpr Traits traits = kTraits;
    Manager manager{};
    P lock = make(manager);
};

/// The server is this program's, and the lock, too.
template <class L, class P, Traits kTraits>
struct Shared {
    static constexpr Traits traits = kTraits;
    L ours{};
    BaseManager manager{};
    P lock = registered();

    P registered() {
        manager.register_type("lock", [lock = ours] { return lock; });
        manager.start();
        return manager.call<P>("lock");
    }
};

LockProxy make_lock(const Manager& m) {
    return m.Lock();
}
RLockProxy make_rlock(const Manager& m) {
    return m.RLock();
}
SemaphoreProxy make_semaphore(const Manager& m) {
    return m.Semaphore();
}
SemaphoreProxy make_bounded(const Manager& m) {
    return m.BoundedSemaphore();
}
ConditionProxy make_condition(const Manager& m) {
    return m.Condition();
}
using Kinds =
    testing::Types<Local<Lock, Traits{}>, Local<RLock, Traits{.recursive = true}>, Local<Semaphore, kSemaphore>,
                   Local<BoundedSemaphore, kBounded>, Local<Condition, Traits{.recursive = true}>,
                   Served<LockProxy, make_lock, Traits{}>, Served<RLockProxy, make_rlock, Traits{.recursive = true}>,
                   Served<SemaphoreProxy, make_semaphore, kSemaphore>, Served<SemaphoreProxy, make_bounded, kBounded>,
                   Served<ConditionProxy, make_condition, Traits{.recursive = true}>, Shared<Lock, LockProxy, kBounded>,
                   Shared<RLock, RLockProxy, kRecursive>, Shared<Semaphore, SemaphoreProxy, kSemaphore>,
                   Shared<BoundedSemaphore, SemaphoreProxy, kBounded>, Shared<Condition, ConditionProxy, kRecursive>>;

template <class List>
inline constexpr std::size_t kKinds = 0;
template <class... Kind>
inline constexpr std::size_t kKinds<testing::Types<Kind...>> = sizeof...(Kind);

struct Names {
    template <class Kind>
    static std::string GetName(int number) {
        constexpr const char* kNames[] = {
            "Lock",        "RLock",        "Semaphore",        "BoundedSemaphore",        "Condition",
            "LockProxy",   "RLockProxy",   "SemaphoreProxy",   "BoundedSemaphoreProxy",   "ConditionProxy",
            "shared_Lock", "shared_RLock", "shared_Semaphore", "shared_BoundedSemaphore", "shared_Condition"};
        static_assert(std::size(kNames) == kKinds<Kinds>);
        return kNames[number];
    }
};

template <class Kind>
class EveryLock : public ProcessTest {
protected:
    static constexpr Traits kTraits = Kind::traits;

    /// In another thread.
    template <class F>
    static bool elsewhere(F f) {
        return std::async(std::launch::async, f).get();
    }
    bool can_be_had() {
        return elsewhere([lock = kind.lock]() mutable {
            if (!lock.acquire(false)) return false;
            lock.release();
            return true;
        });
    }
    Kind kind{};
};
TYPED_TEST_SUITE(EveryLock, Kinds, Names);

TYPED_TEST(EveryLock, excludes_other_threads) {
    auto lock = this->kind.lock;
    EXPECT_TRUE(this->can_be_had());
    ASSERT_TRUE(lock.acquire());
    EXPECT_FALSE(this->can_be_had());
    lock.release();
    EXPECT_TRUE(this->can_be_had());
}

TYPED_TEST(EveryLock, polls_and_times_out) {
    auto lock = this->kind.lock;
    ASSERT_TRUE(lock.acquire(1000h));
    EXPECT_FALSE(this->elsewhere([&] { return lock.acquire(0s); }));
    EXPECT_FALSE(this->elsewhere([&] { return lock.acquire(-1s); }));
    EXPECT_FALSE(this->elsewhere([&] { return lock.acquire(1ms); }));
    EXPECT_FALSE(this->elsewhere([&] { return lock.acquire(true, 1ms); }));
    EXPECT_FALSE(this->elsewhere([&] { return lock.acquire(false, 1000h); }));
    EXPECT_FALSE(this->elsewhere([&] { return lock.try_lock(); }));
    constexpr std::chrono::duration<double> kNoNumber{std::numeric_limits<double>::quiet_NaN()};
    EXPECT_THROW(lock.acquire(kNoNumber), ValueError);
    lock.release();
}

TYPED_TEST(EveryLock, the_holder_may_take_a_recursive_one_again) {
    auto lock = this->kind.lock;
    ASSERT_TRUE(lock.acquire());
    const bool again = lock.acquire(false);
    EXPECT_EQ(again, this->kTraits.recursive);
    lock.release();
    EXPECT_EQ(this->can_be_had(), !again);
    if (again) lock.release();
    EXPECT_TRUE(this->can_be_had());
}

TYPED_TEST(EveryLock, what_nobody_holds_is_not_released) {
    auto lock = this->kind.lock;
    if (!this->kTraits.counted) {  // it has as many units as it was given
        lock.release();
        EXPECT_TRUE(lock.acquire(false));
        EXPECT_TRUE(lock.acquire(false));
        return;
    }
    EXPECT_THROW(lock.release(), std::runtime_error);
    ASSERT_TRUE(lock.acquire());
    lock.release();
    EXPECT_THROW(lock.release(), std::runtime_error);
    EXPECT_TRUE(this->can_be_had());
}

TYPED_TEST(EveryLock, goes_into_guards) {
    auto lock = this->kind.lock;
    {
        const std::scoped_lock guard(lock);
        EXPECT_FALSE(this->can_be_had());
    }
    {
        const std::unique_lock guard(lock, std::try_to_lock);
        EXPECT_TRUE(guard.owns_lock());
        EXPECT_FALSE(this->elsewhere([&] { return std::unique_lock(lock, std::try_to_lock).owns_lock(); }));
    }
    EXPECT_TRUE(this->can_be_had());
}

TYPED_TEST(EveryLock, goes_to_one_who_waits) {
    auto lock = this->kind.lock;
    ASSERT_TRUE(lock.acquire());
    Event begun;
    std::jthread waits([lock, begun]() mutable {
        begun.set();
        EXPECT_TRUE(lock.acquire());
        lock.release();
    });
    begun.wait();
    lock.release();
    waits.join();
    EXPECT_TRUE(this->can_be_had());
}

template <class L>
void add_often(L lock, const RawValue<int>& count) {
    for (int i = 0; i < 30; ++i) {
        const std::scoped_lock guard(lock);
        const int before = count.value();
        std::this_thread::yield();
        count.set_value(before + 1);
    }
}

TYPED_TEST(EveryLock, excludes_processes_of_every_start_method) {
    const RawValue<int> count(0);
    std::vector<Process> all;
    for (const StartMethod method : {StartMethod::fork, StartMethod::spawn, StartMethod::forkserver})
        for (int i = 0; i < 2; ++i)
            all.emplace_back(ProcessOptions{.start_method = method}, add_often<decltype(this->kind.lock)>,
                             this->kind.lock, count);
    for (Process& each : all) each.start();
    for (Process& each : all) each.join();
    EXPECT_EQ(count.value(), 180);
}

template <class L>
void hold_until_killed(L lock, Event taken) {
    const std::scoped_lock guard(lock);
    taken.set();
    std::this_thread::sleep_for(1h);
}

template <class L>
void expect_abandoned(L& lock, bool expected) {
    if constexpr (requires { lock.abandoned(); }) {
        EXPECT_EQ(lock.abandoned(), expected);
    }
}

TYPED_TEST(EveryLock, the_dead_hold_up_nobody) {
    auto lock = this->kind.lock;
    Event taken;
    Process holder({.start_method = StartMethod::fork}, hold_until_killed<decltype(lock)>, lock, taken);
    holder.start();
    taken.wait();
    EXPECT_FALSE(this->can_be_had());
    holder.kill();
    holder.join();
    ASSERT_TRUE(lock.acquire());
    expect_abandoned(lock, this->kTraits.tells_of_the_dead);
    lock.release();
    expect_abandoned(lock, false);
    EXPECT_TRUE(this->can_be_had());
}

}  // namespace
}  // namespace cohort::test
