// SPDX-License-Identifier: MIT
#pragma once

#include "chaos/kill_everywhere.hpp"
#include "shm/roster.hpp"
#include "support/forked_child.hpp"
#include "unit/shm/shared_memory.hpp"
#include "unit/sync/sync_fixture.hpp"

#include <atomic>
#include <new>
#include <thread>
#include <utility>

namespace cohort::test {

/// A roster, and the states of the layer sync that a trial puts behind it. A process of the roster is the victim.
class SyncTrial : public KillTrial {
public:
    std::span<const std::byte> watched() const override { return {memory_.data(), used_}; }

protected:
    // What is watched of a state: what stands beside it is long, and used from its beginning only.
    static constexpr std::size_t kWatched = 256;

    /// REQUIRES: of at most one state more than kWatched bytes are used, the last one.
    template <class State, class... Args>
    State& place(Args&&... args) {
        auto* state = new (memory_.data() + used_) State(std::forward<Args>(args)...);
        used_ += kWatched;
        return *state;
    }
    void prepare() override { roster_.enter(victim_.owner()); }

    template <class Body>
    ForkedChild start(Body body) {
        const shm::Owner owner = roster_.reserve();
        return ForkedChild([this, owner, body] {
            roster_.enter(owner);
            Actor actor(owner, roster_);
            body(actor);
        });
    }
    template <class Body>
    bool succeeds(Body body) {
        return start(body).wait().success();
    }
    template <class Condition>
    static void wait_until(Condition condition) {
        while (!condition()) std::this_thread::yield();
    }
    bool victim_is_dead() const noexcept { return roster_.is_dead(victim_.owner()); }

private:
    static constexpr std::uint32_t kLines = 15;

    os::Mapping memory_ = shared_memory(shm::Roster::bytes(kLines) + 2 * kWatched + (std::size_t{1} << 17));
    std::size_t used_ = shm::Roster::bytes(kLines);

protected:
    shm::Roster roster_ = [this] {
        shm::Roster::format(memory_.data(), kLines);
        return shm::Roster(memory_.data());
    }();
    Actor victim_{roster_.reserve(), roster_};
};

}  // namespace cohort::test
