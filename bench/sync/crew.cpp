// SPDX-License-Identifier: MIT
#include "sync/crew.hpp"

#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string>

namespace bench {

namespace {

std::vector<int> allowed_cores() {
    cpu_set_t set;
    if (::sched_getaffinity(0, sizeof set, &set) != 0) throw std::runtime_error("sched_getaffinity");
    std::vector<int> cores;
    for (int core = 0; core != CPU_SETSIZE; ++core)
        if (CPU_ISSET(core, &set)) cores.push_back(core);
    return cores;
}

void pin(Place place, std::size_t index) {
    if (place == Place::anywhere) return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(allowed_cores().at(place == Place::two_cores ? index : 0), &set);
    if (::sched_setaffinity(0, sizeof set, &set) != 0) throw std::runtime_error("sched_setaffinity");
}

// 'S' while it sleeps. The state follows the last parenthesis: the name before it may hold anything.
char state_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    const std::size_t name_end = line.rfind(')');
    if (name_end == std::string::npos) throw std::runtime_error("a child has ended too early");
    return line.at(name_end + 2);
}

}  // namespace

bool has_two_cores() {
    return allowed_cores().size() > 1;
}

void Gate::wait() {
    arrive();
    while (!open.load(std::memory_order_acquire)) ::sched_yield();
}

Crew::~Crew() {
    for (auto& member : members_) {
        if (!member.pid()) continue;  // it could not be started
        member.kill();
        member.join();
    }
}

void Crew::start(const Body& body) {
    members_.emplace_back(cohort::ProcessOptions{.start_method = cohort::StartMethod::fork},
                          [this, &body, index = members_.size()] {
                              pin(place_, index);
                              body(*gate_);
                          });
    killed_.push_back(false);
    members_.back().start();
}

void Crew::await_arrivals(int count) const {
    while (gate_->arrived.load() < count) {
        if (one_failed()) throw std::runtime_error("a child has failed");
        ::sched_yield();
    }
}

void Crew::await_sleep(std::size_t index) const {
    while (state_of(pid(index)) != 'S') ::sched_yield();
}

Clock::time_point Crew::open() {
    await_arrivals(static_cast<int>(size()));
    const auto now = Clock::now();
    gate_->open.store(true, std::memory_order_release);
    return now;
}

Clock::time_point Crew::kill(std::size_t index) {
    killed_[index] = true;
    const pid_t process = pid(index);
    const auto now = Clock::now();
    ::kill(process, SIGKILL);
    return now;
}

void Crew::join(std::size_t index) {
    while (!members_[index].join(std::chrono::milliseconds(500)))
        if (one_failed()) break;
    if (one_failed()) throw std::runtime_error("a child has failed");
}

void Crew::join() {
    for (std::size_t i = 0; i != size(); ++i) join(i);
}

bool Crew::one_failed() const {
    for (std::size_t i = 0; i != size(); ++i)
        if (!killed_[i] && members_[i].exitcode().value_or(0) != 0) return true;
    return false;
}

void expect(bool right, const char* what) {
    if (!right) throw std::runtime_error(what);
}

}  // namespace bench
