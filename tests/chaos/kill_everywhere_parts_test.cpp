// SPDX-License-Identifier: MIT
// Kills a process at every point of the operations on what stands around the rings: the one-to-one ring, the doorbell,
// the roster and lent blocks.
#include "chaos/kill_everywhere.hpp"
#include "shm/doorbell.hpp"
#include "shm/lending_arena.hpp"
#include "shm/owned_lock.hpp"
#include "shm/roster.hpp"
#include "shm/spsc_ring.hpp"
#include "support/forked_child.hpp"
#include "unit/shm/shared_memory.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <optional>
#include <thread>

using cohort::ExitStatus;
using cohort::shm::BlockId;
using cohort::shm::Doorbell;
using cohort::shm::LendingArena;
using cohort::shm::OwnedLock;
using cohort::shm::Owner;
using cohort::shm::Roster;
using cohort::shm::Segment;
using cohort::shm::Spinner;
using cohort::shm::SpscReader;
using cohort::shm::SpscRing;
using cohort::shm::SpscWriter;
using cohort::test::kill_everywhere_in;
using cohort::test::KillPoint;
using cohort::test::KillTrial;

namespace {

std::span<const std::byte> whole(const cohort::os::Mapping& memory) {
    return {memory.data(), memory.size()};
}

class SpscTrial : public KillTrial {
public:
    SpscTrial() {
        SpscRing::format(memory_.data(), kShape);
        SpscWriter writer(memory_.data());
        for (std::uint64_t number = 1; number != 3; ++number) put(writer, number);
    }
    std::span<const std::byte> watched() const override { return whole(memory_); }

protected:
    static constexpr SpscRing::Shape kShape{4, 32};

    static void put(SpscWriter& writer, std::uint64_t number) {
        std::byte* room = writer.room();
        ASSERT_NE(room, nullptr);
        const std::uint64_t numbers[3] = {number, number, number};
        std::memcpy(room, numbers, sizeof numbers);
        writer.publish();
    }
    // 0: there is none.
    static std::uint64_t get(SpscReader& reader) {
        const std::byte* front = reader.front();
        if (front == nullptr) return 0;
        std::uint64_t numbers[3];
        std::memcpy(numbers, front, sizeof numbers);
        EXPECT_TRUE(numbers[0] == numbers[1] && numbers[1] == numbers[2]) << "torn";
        reader.release();
        return numbers[0];
    }
    // New ends take over: the reader gets first … last, then whole laps go through.
    void survive(std::uint64_t first, std::uint64_t last) {
        SpscReader reader(memory_.data());
        SpscWriter writer(memory_.data());
        for (std::uint64_t number = first; number <= last; ++number) EXPECT_EQ(get(reader), number);
        EXPECT_EQ(get(reader), 0U);
        for (std::uint64_t number = 10; number != 20; ++number) {
            put(writer, number);
            EXPECT_EQ(get(reader), number);
        }
    }
    cohort::os::Mapping memory_ = cohort::test::shared_memory(SpscRing::bytes(kShape));
};

class SpscWriterTrial : public SpscTrial {
    void operate() override {
        SpscWriter writer(memory_.data());
        put(writer, 3);
    }
    void check(const KillPoint& point) override { survive(1, point.last ? 3 : 2); }
};

class SpscReaderTrial : public SpscTrial {
    void operate() override {
        SpscReader reader(memory_.data());
        get(reader);
    }
    void check(const KillPoint& point) override { survive(point.number == 0 ? 1 : 2, 2); }
};

TEST(KillEverywhere, writer_of_a_one_to_one_ring) {
    kill_everywhere_in<SpscWriterTrial>("publish");
}
TEST(KillEverywhere, reader_of_a_one_to_one_ring) {
    kill_everywhere_in<SpscReaderTrial>("release");
}

struct Board {
    Doorbell bell{};
    std::atomic<int> value{0};
    std::atomic<int> waiting{0};
    void wait_for_one() {
        waiting = 1;
        while (value.load() == 0) {
            const auto ticket = bell.listen();
            if (value.load() == 0) bell.wait(ticket);
        }
    }
};

class DoorbellTrial : public KillTrial {
public:
    std::span<const std::byte> watched() const override {
        return {reinterpret_cast<const std::byte*>(&*board_), sizeof(Board)};
    }

protected:
    cohort::test::Shared<Board> board_{};
};

// A sleeper that is living sees a change whose author was killed before, inside or after the ring.
class RingerTrial : public DoorbellTrial {
public:
    RingerTrial() : sleeper_([this] { board_->wait_for_one(); }) {
        while (!board_->bell.has_sleepers()) std::this_thread::yield();
    }
    void operate() override {
        board_->value = 1;
        board_->bell.ring();
    }
    void check(const KillPoint& point) override {
        EXPECT_EQ(board_->value, point.number == 0 ? 0 : 1);
        if (point.number == 0) {
            board_->value = 1;
            board_->bell.ring();
        }
        EXPECT_TRUE(sleeper_.wait().success());
    }

private:
    cohort::test::ForkedChild sleeper_;
};

// A killed sleeper takes no wake away from the next one.
class SleeperTrial : public DoorbellTrial {
public:
    void operate() override { board_->wait_for_one(); }
    void check(const KillPoint&) override {
        cohort::test::ForkedChild next([this] {
            board_->waiting = 0;
            board_->wait_for_one();
        });
        while (board_->waiting == 0 || !board_->bell.has_sleepers()) std::this_thread::yield();
        board_->value = 1;
        board_->bell.ring();
        EXPECT_TRUE(next.wait().success());
        EXPECT_FALSE(board_->bell.has_sleepers());
    }
};

TEST(KillEverywhere, ringer_of_a_doorbell) {
    kill_everywhere_in<RingerTrial>("ring");
}
TEST(KillEverywhere, sleeper_at_a_doorbell) {
    kill_everywhere_in<SleeperTrial>("listen and wait");
}

// The lock and the roster of those who hold it lie in one piece of memory.
class LockTrial : public KillTrial {
public:
    LockTrial() {
        Roster::format(memory_.data() + kRosterAt, kLines);
        roster_.emplace(memory_.data() + kRosterAt);
        victim_ = roster_->reserve();
        lock_ = new (memory_.data()) OwnedLock;
    }
    std::span<const std::byte> watched() const override { return whole(memory_); }

protected:
    static constexpr std::uint32_t kLines = 4;
    static constexpr std::size_t kRosterAt = 128;

    void prepare() override { roster_->enter(victim_); }
    OwnedLock::Acquired acquire(Owner owner) {
        Spinner spinner;
        return lock_->acquire(owner, *roster_, {}, spinner);
    }
    // A living process waits for it, gets it and gives it back; and another one once more.
    void check_next(bool abandoned) {
        EXPECT_TRUE(pass_through(abandoned ? OwnedLock::Acquired::abandoned : OwnedLock::Acquired::yes));
        EXPECT_TRUE(pass_through(OwnedLock::Acquired::yes));
        EXPECT_TRUE(lock_->holder().is_nobody());
    }
    bool pass_through(OwnedLock::Acquired expected) {
        const Owner next = roster_->reserve();
        cohort::test::ForkedChild child([&] {
            roster_->enter(next);
            EXPECT_EQ(acquire(next), expected);
            EXPECT_EQ(lock_->abandoned(), expected == OwnedLock::Acquired::abandoned);
            EXPECT_TRUE(lock_->release());
        });
        const bool success = child.wait().success();
        EXPECT_TRUE(roster_->is_dead(next));
        roster_->retire(next);
        return success;
    }
    // A process that holds the lock, and is stopped with it if it is not to give it back.
    cohort::test::ForkedChild start_holder(bool dies) {
        const Owner holder = roster_->reserve();
        cohort::test::ForkedChild child([this, holder, dies] {
            roster_->enter(holder);
            acquire(holder);
            while (!dies) ::pause();
        });
        if (dies) {
            EXPECT_TRUE(child.wait().success());
        }
        while (lock_->holder() != holder) std::this_thread::yield();
        return child;
    }

    cohort::os::Mapping memory_ = cohort::test::shared_memory(kRosterAt + Roster::bytes(kLines));
    std::optional<Roster> roster_;
    OwnedLock* lock_ = nullptr;
    Owner victim_;
};

class AcquireFreeTrial : public LockTrial {
    void operate() override { acquire(victim_); }
    void check(const KillPoint& point) override { check_next(point.number != 0); }
};

class AcquireAbandonedTrial : public LockTrial {
public:
    AcquireAbandonedTrial() { start_holder(true); }
    void operate() override { acquire(victim_); }
    void check(const KillPoint&) override { check_next(true); }
};

// Killed on its way to sleep and in it; then the holder gives the lock back.
class AcquireHeldTrial : public LockTrial {
public:
    AcquireHeldTrial() : holder_(start_holder(false)) {}
    void operate() override { acquire(victim_); }
    void check(const KillPoint&) override {
        EXPECT_TRUE(lock_->release());
        check_next(false);
    }

private:
    cohort::test::ForkedChild holder_;
};

class ReleaseTrial : public LockTrial {
    void prepare() override {
        LockTrial::prepare();
        acquire(victim_);
    }
    void operate() override { lock_->release(); }
    void check(const KillPoint& point) override { check_next(point.number == 0); }
};

TEST(KillEverywhere, who_takes_a_free_lock) {
    kill_everywhere_in<AcquireFreeTrial>("acquire");
}
TEST(KillEverywhere, who_takes_a_lock_over_from_the_dead) {
    kill_everywhere_in<AcquireAbandonedTrial>("acquire, abandoned");
}
TEST(KillEverywhere, who_waits_for_a_lock) {
    kill_everywhere_in<AcquireHeldTrial>("acquire, held");
}
TEST(KillEverywhere, who_releases_a_lock) {
    kill_everywhere_in<ReleaseTrial>("release of a lock");
}

class RosterTrial : public KillTrial {
public:
    RosterTrial() {
        Roster::format(memory_.data(), kLines);
        roster_.emplace(memory_.data());
        victim_ = roster_->reserve();
    }
    std::span<const std::byte> watched() const override { return whole(memory_); }

protected:
    static constexpr std::uint32_t kLines = 2;

    // The line of the dead is free for the next one, who can be killed in turn.
    void check_line_again() {
        EXPECT_TRUE(roster_->is_dead(victim_));
        EXPECT_FALSE(roster_->watch(victim_));
        roster_->retire(victim_);
        for (std::uint32_t i = 0; i != kLines; ++i) {
            const Owner next = roster_->reserve();
            ASSERT_FALSE(next.is_nobody());
            cohort::test::ForkedChild child([&] {
                roster_->enter(next);
                EXPECT_FALSE(roster_->is_dead(next));
            });
            EXPECT_TRUE(child.wait().success());
            EXPECT_TRUE(roster_->is_dead(next));
            EXPECT_TRUE(roster_->is_dead(victim_));
            roster_->retire(next);
        }
    }
    cohort::os::Mapping memory_ = cohort::test::shared_memory(Roster::bytes(kLines));
    std::optional<Roster> roster_;
    Owner victim_;
};

class EnterTrial : public RosterTrial {
    // To read its own mark from /proc changes nothing that others see.
    void prepare() override { mark_ = cohort::shm::current_process_mark(); }
    void operate() override { roster_->enter(victim_, mark_); }
    void check(const KillPoint&) override {
        roster_->bury(victim_, ExitStatus::signaled(SIGKILL));
        EXPECT_EQ(roster_->exit_status(victim_), ExitStatus::signaled(SIGKILL));
        check_line_again();
    }
    cohort::shm::ProcessMark mark_;
};

class LeaveTrial : public RosterTrial {
    void prepare() override { roster_->enter(victim_); }
    void operate() override { roster_->leave(victim_); }
    void check(const KillPoint&) override { check_line_again(); }
};

// Killed while it finds out that somebody else has died.
class FinderTrial : public RosterTrial {
public:
    FinderTrial() {
        other_ = roster_->reserve();
        cohort::test::ForkedChild child([this] { roster_->enter(other_); });
        child.wait();
    }
    void operate() override { roster_->is_dead(other_); }
    void check(const KillPoint&) override {
        EXPECT_TRUE(roster_->is_dead(other_));
        roster_->retire(other_);
        roster_->bury(victim_, ExitStatus::signaled(SIGKILL));
        check_line_again();
    }

private:
    Owner other_;
};

TEST(KillEverywhere, process_that_enters_the_roster) {
    kill_everywhere_in<EnterTrial>("enter");
}
TEST(KillEverywhere, process_that_leaves_the_roster) {
    kill_everywhere_in<LeaveTrial>("leave");
}
TEST(KillEverywhere, process_that_finds_a_death) {
    kill_everywhere_in<FinderTrial>("is_dead");
}

class BorrowerTrial : public KillTrial {
public:
    void operate() override { LendingArena::give_back(segment_, block_); }
    std::span<const std::byte> watched() const override { return {segment_.at(range_), 4096}; }
    void check(const KillPoint& point) override {
        // Who knows what the dead had gives it back in its name, whether or not it did so itself.
        EXPECT_EQ(LendingArena::give_back(segment_, block_), !point.last);
        EXPECT_TRUE(arena_.all_returned());
        EXPECT_EQ(LendingArena::data(segment_, arena_.allocate(100)), LendingArena::data(segment_, block_));
    }

private:
    static constexpr std::size_t kRange = 1 << 20;
    Segment segment_ = Segment::create("cohort-test", kRange);
    std::size_t range_ = segment_.carve(kRange, 4096);
    LendingArena arena_{segment_, range_, kRange};
    BlockId block_ = arena_.allocate(100);
};

TEST(KillEverywhere, borrower_of_a_block) {
    kill_everywhere_in<BorrowerTrial>("give_back");
}

}  // namespace
