// SPDX-License-Identifier: MIT
#include "queue/idle.hpp"

#include <cohort/channel/queue.hpp>

#include <time.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "support/child.hpp"
#include "support/shared.hpp"

namespace bench {

namespace {

constexpr int kProcesses = 100;
constexpr std::chrono::seconds kIdle{3};
constexpr std::chrono::milliseconds kUntilAsleep{300};

double processor_seconds(pid_t process) {
    clockid_t clock;
    timespec time{};
    if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &time) != 0)
        throw std::runtime_error("no processor time of a child");
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double processor_seconds(const std::vector<Child>& children) {
    double sum = 0;
    for (const Child& child : children) sum += processor_seconds(child.pid());
    return sum;
}

}  // namespace

double percent_of_a_core_while_idle() {
    const cohort::Queue<int> queue;
    const Shared<std::atomic<int>> waiting;
    const Shared<std::atomic<int>> sum;
    std::vector<Child> children;
    for (int i = 0; i != kProcesses; ++i)
        children.emplace_back([&] {
            waiting->fetch_add(1);
            sum->fetch_add(queue.get());
        });
    while (waiting->load() != kProcesses) std::this_thread::yield();
    std::this_thread::sleep_for(kUntilAsleep);
    const double before = processor_seconds(children);
    std::this_thread::sleep_for(kIdle);
    const double used = processor_seconds(children) - before;
    for (int i = 0; i != kProcesses; ++i) queue.put(i);
    for (Child& child : children) child.wait();
    if (sum->load() != kProcesses * (kProcesses - 1) / 2) throw std::runtime_error("wrong: the sum of the messages");
    return used / std::chrono::duration<double>(kIdle).count() / kProcesses * 100;
}

}  // namespace bench
