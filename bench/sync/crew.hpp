// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/process/process.hpp>

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

#include "sync/shared.hpp"

namespace bench {

using Clock = std::chrono::steady_clock;  // the same in all processes

/// On which cores the processes of a crew run.
enum class Place { anywhere, same_core, two_cores };

/// Whether this process may use two cores.
bool has_two_cores();

/// Where the processes of a crew wait for each other.
struct Gate {
    std::atomic<int> arrived{0};
    std::atomic<bool> open{false};

    void arrive() { arrived.fetch_add(1); }
    /// Arrives, and waits until the parent opens the gate.
    void wait();
};

/// The child processes of one measurement, all started in the same way, whatever they then use. Those that still run
/// when it is destroyed are killed.
class Crew {
public:
    using Body = std::function<void(Gate&)>;

    explicit Crew(Place place = Place::anywhere) : place_(place) {}
    ~Crew();
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    /// Starts one more: the first on the first core of its place, the second on the second one.
    void start(const Body& body);
    /// Waits until so many have arrived at the gate.
    void await_arrivals(int count) const;
    /// Waits until this one sleeps in the kernel.
    void await_sleep(std::size_t index) const;
    /// Opens the gate when all are there.
    /// @returns when that was
    Clock::time_point open();
    /// @returns just before it was killed
    Clock::time_point kill(std::size_t index);
    /// Waits for the end of this one, or of all. Throws if one that was not killed failed.
    void join(std::size_t index);
    void join();

    pid_t pid(std::size_t index) const { return *members_[index].pid(); }
    std::size_t size() const { return members_.size(); }

private:
    bool one_failed() const;

    Place place_;
    Shared<Gate> gate_;
    std::vector<cohort::Process> members_;
    std::vector<bool> killed_;
};

/// Throws unless the result of a measurement is right.
void expect(bool right, const char* what);

inline double seconds_between(Clock::time_point begin, Clock::time_point end) {
    return std::chrono::duration<double>(end - begin).count();
}

}  // namespace bench
