// SPDX-License-Identifier: MIT
// The locks of POSIX between processes.
#include <pthread.h>
#include <semaphore.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <stdexcept>

#include "sync/death.hpp"
#include "sync/locks.hpp"
#include "sync/turns.hpp"

namespace bench {

namespace {

class Mutex {
public:
    explicit Mutex(int robust) {
        pthread_mutexattr_t attributes;
        pthread_mutexattr_init(&attributes);
        pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        pthread_mutexattr_setrobust(&attributes, robust);
        if (pthread_mutex_init(&*mutex_, &attributes) != 0) throw std::runtime_error("pthread_mutex_init");
        pthread_mutexattr_destroy(&attributes);
    }
    void lock() { pthread_mutex_lock(&*mutex_); }
    void unlock() { pthread_mutex_unlock(&*mutex_); }

protected:
    pthread_mutex_t& native() { return *mutex_; }

private:
    Shared<pthread_mutex_t> mutex_;
};

class PlainMutex : public Mutex {
public:
    PlainMutex() : Mutex(PTHREAD_MUTEX_STALLED) {}
};

class RobustMutex : public Mutex {
public:
    RobustMutex() : Mutex(PTHREAD_MUTEX_ROBUST) {}
    bool lock_and_learn() {
        if (pthread_mutex_lock(&native()) != EOWNERDEAD) return false;
        pthread_mutex_consistent(&native());
        return true;
    }
    void wait(pthread_cond_t& condition) { pthread_cond_wait(&condition, &native()); }
};

class Semaphore {
public:
    Semaphore() : Semaphore(1) {}
    explicit Semaphore(unsigned value) {
        if (::sem_init(&*semaphore_, 1, value) != 0) throw std::runtime_error("sem_init");
    }
    void lock() {
        while (::sem_wait(&*semaphore_) != 0) continue;
    }
    void unlock() { ::sem_post(&*semaphore_); }

private:
    Shared<sem_t> semaphore_;
};

class SemaphoreTurns {
public:
    void give(int to) { sides_[static_cast<std::size_t>(to)].unlock(); }
    void take(int me) { sides_[static_cast<std::size_t>(me)].lock(); }

private:
    std::array<Semaphore, 2> sides_{Semaphore(0), Semaphore(0)};
};

class ConditionTurns {
public:
    ConditionTurns() {
        pthread_condattr_t attributes;
        pthread_condattr_init(&attributes);
        pthread_condattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        if (pthread_cond_init(&*condition_, &attributes) != 0) throw std::runtime_error("pthread_cond_init");
        pthread_condattr_destroy(&attributes);
    }
    void give(int to) {
        std::scoped_lock guard(mutex_);
        *turn_ = to;
        pthread_cond_signal(&*condition_);
    }
    void take(int me) {
        std::scoped_lock guard(mutex_);
        while (*turn_ != me) mutex_.wait(*condition_);
    }

private:
    RobustMutex mutex_;
    Shared<pthread_cond_t> condition_;
    Shared<int> turn_;
};

double increment() {
    RobustMutex mutex;
    Shared<long> number;
    const double time = nanoseconds([&] {
        std::scoped_lock guard(mutex);
        ++*number;
    });
    expect(*number >= kAlone, "the sum is wrong");
    return time;
}

}  // namespace

Family pthread_family() {
    Family family;
    family.locks = {lock_contender<RobustMutex>("robust mutex"), lock_contender<PlainMutex>("plain mutex"),
                    lock_contender<Semaphore>("sem_t")};
    family.turns = {turn_contender<SemaphoreTurns>("sem_t"), turn_contender<ConditionTurns>("pthread_cond")};
    family.deaths = {death_contender<RobustMutex>("robust mutex")};
    family.increments = {{"robust mutex", increment}};
    return family;
}

}  // namespace bench
