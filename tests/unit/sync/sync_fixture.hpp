// SPDX-License-Identifier: MIT
#pragma once

#include "shm/roster.hpp"
#include "support/forked_child.hpp"
#include "sync/caller.hpp"
#include "unit/shm/shared_memory.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <new>
#include <thread>
#include <utility>

namespace cohort::test {

/// A state of the layer sync in shared memory, with what lies beside it.
template <class State>
class Placed {
public:
    template <class... Args>
    explicit Placed(Args&&... args) : state_(new (memory_.data()) State(std::forward<Args>(args)...)) {}
    State& operator*() const noexcept { return *state_; }
    State* operator->() const noexcept { return state_; }

private:
    os::Mapping memory_ = shared_memory(State::bytes());
    State* state_;
};

/// One thread of one process, as the states see it.
class Actor {
public:
    Actor(shm::Owner owner, const shm::Roster& roster, std::uint32_t thread = 1)
        : owner_(owner), roster_(roster), thread_(thread) {}
    operator sync::Caller() noexcept { return {owner_, thread_, roster_, spinner_}; }
    shm::Owner owner() const noexcept { return owner_; }
    /// Itself, in a wait that it may give up.
    sync::Caller giving_up(const std::function<bool()>& gives_up) noexcept {
        return {owner_, thread_, roster_, spinner_, &gives_up};
    }
    /// Another thread of the same process.
    Actor thread(std::uint32_t number) const { return {owner_, roster_, number}; }

private:
    shm::Owner owner_;
    const shm::Roster& roster_;
    std::uint32_t thread_;
    shm::Spinner spinner_;
};

/// Processes in a roster, this one among them, and a word that says how far they are.
class SyncTest : public testing::Test {
protected:
    static constexpr std::uint32_t kLines = 128;

    SyncTest() { roster_.enter(me_.owner()); }
    ~SyncTest() override { roster_.leave(me_.owner()); }

    static sync::Until past() { return std::chrono::steady_clock::time_point{}; }
    static sync::Until soon() { return std::chrono::steady_clock::now() + std::chrono::milliseconds(5); }

    template <class Condition>
    static void wait_until(Condition condition) {
        while (!condition()) std::this_thread::yield();
    }
    void wait_for_step(int step) {
        wait_until([&] { return step_->load() == step; });
    }
    /// A child in the roster, which runs `body` as an actor.
    template <class Body>
    ForkedChild start(Body body) {
        const shm::Owner owner = roster_.reserve();
        return ForkedChild([this, owner, body] {
            roster_.enter(owner);
            Actor actor(owner, roster_);
            body(actor);
        });
    }
    /// The same, which has done `body` when this returns, and then stays as it is.
    template <class Body>
    ForkedChild start_and_stay(Body body) {
        const int before = step_->load();
        ForkedChild child = start([this, body](Actor& actor) {
            body(actor);
            ++*step_;
            for (;;) ::pause();
        });
        wait_for_step(before + 1);
        return child;
    }
    static void end(ForkedChild& child) {
        child.kill();
        child.wait();
    }

    os::Mapping memory_ = shared_memory(shm::Roster::bytes(kLines));
    shm::Roster roster_ = [this] {
        shm::Roster::format(memory_.data(), kLines);
        return shm::Roster(memory_.data());
    }();
    Shared<std::atomic<int>> step_{0};
    Actor me_{roster_.reserve(), roster_};
};

}  // namespace cohort::test
