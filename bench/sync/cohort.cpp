// SPDX-License-Identifier: MIT
#include <cohort/sync/array.hpp>
#include <cohort/sync/condition.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/lock.hpp>
#include <cohort/sync/semaphore.hpp>
#include <cohort/sync/value.hpp>

#include <algorithm>
#include <array>
#include <mutex>

#include "sync/copies.hpp"
#include "sync/death.hpp"
#include "sync/idle.hpp"
#include "sync/locks.hpp"
#include "sync/turns.hpp"

namespace bench {

namespace {

class CohortLock : public cohort::Lock {
public:
    bool lock_and_learn() {
        acquire();
        return abandoned();
    }
};

// By acquire() and release(), as sem_t and Python's; lock() and unlock() would come back from the dead.
class CohortSemaphore {
public:
    void lock() { semaphore_.acquire(); }
    void unlock() { semaphore_.release(); }

private:
    cohort::Semaphore semaphore_;
};

class SemaphoreTurns {
public:
    void give(int to) { sides_[static_cast<std::size_t>(to)].release(); }
    void take(int me) { sides_[static_cast<std::size_t>(me)].acquire(); }

private:
    std::array<cohort::Semaphore, 2> sides_{cohort::Semaphore(0), cohort::Semaphore(0)};
};

class EventTurns {
public:
    void give(int to) { sides_[static_cast<std::size_t>(to)].set(); }
    void take(int me) {
        cohort::Event& mine = sides_[static_cast<std::size_t>(me)];
        mine.wait();
        mine.clear();
    }

private:
    std::array<cohort::Event, 2> sides_;
};

class ConditionTurns {
public:
    void give(int to) {
        std::scoped_lock guard(condition_);
        *turn_ = to;
        condition_.notify();
    }
    void take(int me) {
        std::scoped_lock guard(condition_);
        condition_.wait_for([&] { return *turn_ == me; });
    }

private:
    cohort::Condition condition_;
    Shared<int> turn_;
};

double increment() {
    cohort::Value<long> number;
    const double time = nanoseconds([&] {
        std::scoped_lock guard(number);
        ++*number;
    });
    expect(*number >= kAlone, "the sum is wrong");
    return time;
}

double add() {
    cohort::Value<long> number;
    const double time = nanoseconds([&] { number.fetch_add(1); });
    expect(*number >= kAlone, "the sum is wrong");
    return time;
}

double copy() {
    cohort::Array<double> items(kCopied);
    const auto span = items.span();
    return gigabytes_a_second([&](std::vector<double>& own) { std::copy(span.begin(), span.end(), own.begin()); },
                              [&](const std::vector<double>& own) { std::copy(own.begin(), own.end(), span.begin()); });
}

double wait_for_lock() {
    cohort::Lock lock;
    lock.acquire();
    return millionths_while_waiting([&] { std::scoped_lock guard(lock); }, [&] { lock.release(); });
}

double wait_for_event() {
    cohort::Event event;
    return millionths_while_waiting([&] { event.wait(); }, [&] { event.set(); });
}

}  // namespace

Family cohort_family() {
    Family family;
    family.locks = {lock_contender<CohortLock>("cohort Lock"), lock_contender<cohort::RLock>("cohort RLock"),
                    lock_contender<CohortSemaphore>("cohort Semaphore")};
    family.turns = {turn_contender<SemaphoreTurns>("cohort Semaphore"), turn_contender<EventTurns>("cohort Event"),
                    turn_contender<ConditionTurns>("cohort Condition")};
    family.deaths = {death_contender<CohortLock>("cohort Lock")};
    family.increments = {{"cohort Value", increment}};
    family.additions = {{"cohort Value", add}};
    family.copies = {{"cohort Array", copy}};
    family.idlers = {{"cohort Lock", wait_for_lock}, {"cohort Event", wait_for_event}};
    return family;
}

}  // namespace bench
