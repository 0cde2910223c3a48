// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "sync/crew.hpp"

namespace bench {

/// Two processes that want the same lock.
struct Rivalry {
    Place place = Place::anywhere;
    int work_outside = 0;  ///< steps of a generator of random numbers between release and the next acquire
};

/// Whoever is to be found asleep gets so much time for it.
inline constexpr std::chrono::microseconds kUntilAsleep{150};

/// Two processes that take turns.
struct Meeting {
    Place place = Place::same_core;
    bool asleep = false;  ///< who has the turn keeps it until the other one sleeps
};

/// A lock, alone and wanted by two.
struct LockContender {
    std::string name{};
    std::function<double()> alone{};                  ///< ns for acquire and release
    std::function<double(const Rivalry&)> contend{};  ///< million acquires a second, of both
};

/// A way to hand the turn over.
struct TurnContender {
    std::string name{};
    std::function<double(const Meeting&)>
        run{};  ///< us there and back; if asleep, without the time in which it was kept
};

/// How the death of a lock's holder is told.
struct DeathContender {
    std::string name{};
    std::function<double(std::size_t touched_bytes)> run{};  ///< us from the signal until a waiter has the lock
};

/// A figure that needs no setting.
struct PlainContender {
    std::string name{};
    std::function<double()> run{};
};

/// What one family of contenders has for each workload.
struct Family {
    std::vector<LockContender> locks{};
    std::vector<TurnContender> turns{};
    std::vector<DeathContender> deaths{};
    std::vector<PlainContender> increments{};  ///< ns for += 1 under a lock
    std::vector<PlainContender> additions{};   ///< ns for an atomic fetch_add
    std::vector<PlainContender> copies{};      ///< GB/s of 8 MB out of shared memory and back into it
    std::vector<PlainContender> idlers{};      ///< millionths of a core that each process uses while it waits
};

Family bare_family();     // futexes, std::atomic, memcpy
Family pthread_family();  // POSIX mutexes, semaphores and condition variables
Family cohort_family();
Family python_family();  // REQUIRES: python3 is in the path

}  // namespace bench
