// SPDX-License-Identifier: MIT
// Kills a process at every point of the operations on what RLock, Semaphore and Event share.
#include "chaos/sync_world.hpp"
#include "sync/event_state.hpp"
#include "sync/rlock_state.hpp"
#include "sync/semaphore_state.hpp"

#include <gtest/gtest.h>

#include <chrono>

using cohort::sync::Acquired;
using cohort::sync::EventState;
using cohort::sync::RLockState;
using cohort::sync::SemaphoreState;
using cohort::sync::Until;
using cohort::test::Actor;
using cohort::test::ForkedChild;
using cohort::test::kill_everywhere_in;
using cohort::test::KillPoint;
using cohort::test::SyncTrial;

namespace {

constexpr Until kPast = std::chrono::steady_clock::time_point{};

// The recursive lock.

class RLockTrial : public SyncTrial {
protected:
    // Two living processes, one after the other, take it twice and give it back.
    void check_next(bool abandoned) {
        for (bool first : {true, false}) {
            const Acquired expected = first && abandoned ? Acquired::abandoned : Acquired::yes;
            EXPECT_TRUE(succeeds([&](Actor& actor) {
                EXPECT_EQ(lock_.acquire(actor, {}), expected);
                EXPECT_EQ(lock_.acquire(actor, kPast), Acquired::yes);
                EXPECT_EQ(lock_.depth(), 2U);
                EXPECT_TRUE(lock_.release(actor));
                EXPECT_TRUE(lock_.release(actor));
                EXPECT_FALSE(lock_.release(actor));
            }));
        }
    }
    RLockState& lock_ = place<RLockState>();
};

class RLockAcquireTrial : public RLockTrial {
    void operate() override { lock_.acquire(victim_, {}); }
    void check(const KillPoint& point) override { check_next(point.number != 0); }
};

class RLockAcquireAgainTrial : public RLockTrial {
    void prepare() override {
        RLockTrial::prepare();
        lock_.acquire(victim_, {});
    }
    void operate() override {
        lock_.acquire(victim_, {});
        lock_.release(victim_);
    }
    void check(const KillPoint&) override { check_next(true); }
};

class RLockReleaseTrial : public RLockTrial {
    void prepare() override {
        RLockTrial::prepare();
        lock_.acquire(victim_, {});
    }
    void operate() override { lock_.release(victim_); }
    void check(const KillPoint& point) override { check_next(!point.last); }
};

TEST(KillEverywhere, who_takes_a_recursive_lock) {
    kill_everywhere_in<RLockAcquireTrial>("acquire of an RLock");
}
TEST(KillEverywhere, who_takes_a_recursive_lock_again) {
    kill_everywhere_in<RLockAcquireAgainTrial>("acquire and release of a held RLock");
}
TEST(KillEverywhere, who_releases_a_recursive_lock) {
    kill_everywhere_in<RLockReleaseTrial>("release of an RLock");
}

// The semaphore. The third unit is held by nobody; the others count.

class SemaphoreTrial : public SyncTrial {
protected:
    // A living process takes all units that there may be, and gives them back.
    void check_units(std::uint32_t units) {
        EXPECT_TRUE(succeeds([&](Actor& actor) {
            for (std::uint32_t i = 0; i != units; ++i) EXPECT_TRUE(semaphore_.acquire_held(actor, {}));
            EXPECT_FALSE(semaphore_.acquire_held(actor, kPast));
            for (std::uint32_t i = 0; i != units; ++i)
                EXPECT_EQ(semaphore_.release_held(actor), SemaphoreState::Released::yes);
        }));
        EXPECT_EQ(semaphore_.value(), units);
    }
    SemaphoreState& semaphore_ = place<SemaphoreState>(3U, 3U);
};

class AcquireUnitTrial : public SemaphoreTrial {
    void operate() override { semaphore_.acquire(victim_, {}); }
    // As with POSIX semaphores the unit goes with the dead.
    void check(const KillPoint& point) override { check_units(point.number == 0 ? 3 : 2); }
};

class ReleaseUnitTrial : public SemaphoreTrial {
    void prepare() override {
        SemaphoreTrial::prepare();
        semaphore_.acquire(victim_, {});
    }
    void operate() override { semaphore_.release(); }
    void check(const KillPoint& point) override { check_units(point.number == 0 ? 2 : 3); }
};

class AcquireHeldUnitTrial : public SemaphoreTrial {
    void operate() override { semaphore_.acquire_held(victim_, {}); }
    void check(const KillPoint&) override { check_units(3); }
};

// The victim's own unit, and after that one of another process, are in the ledger.
class HoldSecondUnitTrial : public SemaphoreTrial {
    void prepare() override {
        SemaphoreTrial::prepare();
        semaphore_.acquire_held(victim_, {});
        semaphore_.acquire_held(victim_, {});
    }
    void operate() override {
        semaphore_.acquire_held(victim_, {});
        semaphore_.release_held(victim_);
        semaphore_.release_held(victim_);
    }
    void check(const KillPoint&) override { check_units(3); }
};

// Killed while it gives back what another dead process held, or after it.
class SweepTrial : public SemaphoreTrial {
public:
    SweepTrial() {
        EXPECT_TRUE(succeeds([this](Actor& actor) {
            for (int i = 0; i != 3; ++i) semaphore_.acquire_held(actor, {});
        }));
    }
    void operate() override { semaphore_.acquire_held(victim_, {}); }
    void check(const KillPoint&) override { check_units(3); }
};

// Killed on its way to sleep and in it, with units held by one who lives.
class AwaitUnitTrial : public SemaphoreTrial {
public:
    AwaitUnitTrial()
        : holder_(start([this](Actor& actor) {
              for (int i = 0; i != 3; ++i) semaphore_.acquire_held(actor, {});
              held_->set();
              go_->wait(actor, {});
              for (int i = 0; i != 3; ++i) semaphore_.release_held(actor);
          })) {
        held_->wait(victim_, {});
    }
    void operate() override { semaphore_.acquire_held(victim_, {}); }
    void check(const KillPoint&) override {
        auto next = start([this](Actor& actor) {
            EXPECT_TRUE(semaphore_.acquire_held(actor, {}));
            EXPECT_EQ(semaphore_.release_held(actor), SemaphoreState::Released::yes);
        });
        go_->set();
        EXPECT_TRUE(next.wait().success());
        EXPECT_TRUE(holder_.wait().success());
        check_units(3);
    }

private:
    cohort::test::Shared<EventState> held_{};
    cohort::test::Shared<EventState> go_{};
    ForkedChild holder_;
};

TEST(KillEverywhere, who_takes_a_unit) {
    kill_everywhere_in<AcquireUnitTrial>("acquire of a semaphore");
}
TEST(KillEverywhere, who_gives_a_unit) {
    kill_everywhere_in<ReleaseUnitTrial>("release of a semaphore");
}
TEST(KillEverywhere, who_takes_a_unit_through_a_guard) {
    kill_everywhere_in<AcquireHeldUnitTrial>("guarded acquire of a semaphore");
}
TEST(KillEverywhere, who_holds_units_through_guards) {
    kill_everywhere_in<HoldSecondUnitTrial>("guarded acquire and releases of a semaphore");
}
TEST(KillEverywhere, who_takes_a_unit_of_the_dead) {
    kill_everywhere_in<SweepTrial>("guarded acquire, abandoned units");
}
TEST(KillEverywhere, who_waits_for_a_unit) {
    kill_everywhere_in<AwaitUnitTrial>("guarded acquire, no units");
}

// The event, with one who waits.

class EventSetTrial : public SyncTrial {
public:
    EventSetTrial() : sleeper_(start([this](Actor& actor) { EXPECT_TRUE(event_.wait(actor, {})); })) {
        wait_until([this] { return *reinterpret_cast<const volatile std::uint32_t*>(&event_) != 0; });
    }
    void operate() override { event_.set(); }
    void check(const KillPoint& point) override {
        EXPECT_EQ(event_.is_set(), point.number != 0);
        if (!event_.is_set()) event_.set();
        EXPECT_TRUE(sleeper_.wait().success());
    }

private:
    EventState& event_ = place<EventState>();
    ForkedChild sleeper_;
};

class EventWaitTrial : public SyncTrial {
    void operate() override { event_.wait(victim_, {}); }
    void check(const KillPoint&) override {
        auto next = start([this](Actor& actor) { EXPECT_TRUE(event_.wait(actor, {})); });
        event_.set();
        EXPECT_TRUE(next.wait().success());
        event_.clear();
        EXPECT_FALSE(event_.is_set());
    }
    EventState& event_ = place<EventState>();
};

TEST(KillEverywhere, who_sets_an_event) {
    kill_everywhere_in<EventSetTrial>("set");
}
TEST(KillEverywhere, who_waits_for_an_event) {
    kill_everywhere_in<EventWaitTrial>("wait for an event");
}

}  // namespace
