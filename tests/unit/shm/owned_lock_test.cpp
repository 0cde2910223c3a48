// SPDX-License-Identifier: MIT
#include "shm/owned_lock.hpp"

#include "shm/roster.hpp"
#include "support/forked_child.hpp"
#include "unit/shm/shared_memory.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

using cohort::shm::OwnedLock;
using cohort::shm::Owner;
using cohort::shm::Roster;
using cohort::shm::Spinner;
using cohort::test::ForkedChild;
using Acquired = OwnedLock::Acquired;

namespace {

class OwnedLockTest : public testing::Test {
protected:
    static constexpr std::uint32_t kLines = 128;
    struct Board {
        OwnedLock lock{};
        std::atomic<int> step{0};
        std::uint64_t count = 0;   // guarded by the lock
        std::uint64_t mirror = 0;  // the same
    };

    OwnedLockTest() {
        me_ = roster_.reserve();
        roster_.enter(me_);
    }
    ~OwnedLockTest() override { roster_.leave(me_); }

    Acquired acquire(Owner owner, OwnedLock::Until until = {}) {
        Spinner spinner;
        return board_->lock.acquire(owner, roster_, until, spinner);
    }
    static OwnedLock::Until soon() { return std::chrono::steady_clock::now() + std::chrono::milliseconds(5); }
    void wait_for_step(int step) {
        while (board_->step.load() != step) std::this_thread::yield();
    }
    template <class Body>
    ForkedChild start(Body body) {
        const Owner owner = roster_.reserve();
        return ForkedChild([this, owner, body] {
            roster_.enter(owner);
            body(owner);
        });
    }
    // A child that takes the lock and stays with it.
    ForkedChild start_holder() {
        auto child = start([this](Owner owner) {
            EXPECT_EQ(acquire(owner), Acquired::yes);
            board_->step = 1;
            for (;;) ::pause();
        });
        wait_for_step(1);
        return child;
    }

    cohort::os::Mapping memory_ = cohort::test::shared_memory(Roster::bytes(kLines));
    Roster roster_ = [this] {
        Roster::format(memory_.data(), kLines);
        return Roster(memory_.data());
    }();
    cohort::test::Shared<Board> board_{};
    Owner me_;
};

TEST_F(OwnedLockTest, names_its_holder) {
    EXPECT_TRUE(board_->lock.holder().is_nobody());
    EXPECT_EQ(acquire(me_), Acquired::yes);
    EXPECT_EQ(board_->lock.holder(), me_);
    EXPECT_FALSE(board_->lock.try_acquire(me_));
    EXPECT_TRUE(board_->lock.release());
    EXPECT_TRUE(board_->lock.holder().is_nobody());
    EXPECT_FALSE(board_->lock.release()) << "was free";
}

TEST_F(OwnedLockTest, gives_up_at_the_end_of_the_timeout) {
    EXPECT_EQ(acquire(me_), Acquired::yes);
    EXPECT_EQ(acquire(me_, std::chrono::steady_clock::time_point{}), Acquired::no) << "in the past: one look";
    EXPECT_EQ(acquire(me_, soon()), Acquired::no);
    EXPECT_EQ(board_->lock.holder(), me_);
}

TEST_F(OwnedLockTest, may_be_released_by_another_process) {
    auto holder = start_holder();
    EXPECT_EQ(acquire(me_, soon()), Acquired::no);
    EXPECT_TRUE(board_->lock.release());
    EXPECT_EQ(acquire(me_), Acquired::yes);
    EXPECT_FALSE(board_->lock.abandoned());
}

TEST_F(OwnedLockTest, passes_from_a_dead_holder_and_tells_it_until_the_release) {
    auto holder = start_holder();
    holder.kill();
    holder.wait();
    EXPECT_FALSE(board_->lock.try_acquire(me_)) << "looks for no dead";
    EXPECT_EQ(acquire(me_), Acquired::abandoned);
    EXPECT_TRUE(board_->lock.abandoned());
    board_->lock.release();
    EXPECT_FALSE(board_->lock.abandoned());
    EXPECT_EQ(acquire(me_), Acquired::yes);
}

TEST_F(OwnedLockTest, wakes_all_who_sleep_one_after_the_other_when_the_holder_dies) {
    auto holder = start_holder();
    std::vector<ForkedChild> sleepers;
    for (int i = 0; i != 4; ++i)
        sleepers.push_back(start([this](Owner owner) {
            ++board_->step;
            const auto got = acquire(owner);
            if (got == Acquired::abandoned) board_->count += 100;
            ++board_->count;
            board_->lock.release();
        }));
    wait_for_step(5);
    holder.kill();
    for (auto& sleeper : sleepers) EXPECT_TRUE(sleeper.wait().success());
    EXPECT_EQ(board_->count, 104U) << "one of the four takes it over from the dead";
}

TEST_F(OwnedLockTest, lets_one_in_at_a_time_between_processes_and_their_threads) {
    constexpr int kThreads = 2, kRounds = 3000;
    std::vector<ForkedChild> children;
    for (int i = 0; i != 3; ++i)
        children.push_back(start([this](Owner owner) {
            std::vector<std::thread> threads;
            threads.reserve(kThreads);
            for (int thread = 0; thread != kThreads; ++thread)
                threads.emplace_back([this, owner] {
                    for (int round = 0; round != kRounds; ++round) {
                        EXPECT_EQ(acquire(owner), Acquired::yes);
                        EXPECT_EQ(board_->count, board_->mirror);
                        ++board_->count;
                        if (round % 64 == 0) std::this_thread::yield();  // with the lock held: others go to sleep
                        ++board_->mirror;
                        EXPECT_TRUE(board_->lock.release());
                    }
                });
            for (auto& thread : threads) thread.join();
        }));
    for (auto& child : children) EXPECT_TRUE(child.wait().success());
    EXPECT_EQ(board_->count, 3U * kThreads * kRounds);
}

TEST_F(OwnedLockTest, outlives_holders_killed_at_random) {
    constexpr int kKills = 100;
    std::uint64_t abandoned = 0;
    for (int kill = 0; kill != kKills; ++kill) {
        board_->step = 0;
        auto child = start([this](Owner owner) {
            for (;;) {
                if (acquire(owner) == Acquired::abandoned) board_->mirror = board_->count;
                ++board_->count;
                ++board_->mirror;
                board_->lock.release();
                board_->step = 1;
            }
        });
        wait_for_step(1);
        for (int round = 0; round != 50; ++round) {
            const auto got = acquire(me_);
            if (got == Acquired::abandoned) ++abandoned;
            if (got == Acquired::abandoned) board_->mirror = board_->count;
            EXPECT_EQ(board_->count, board_->mirror);
            board_->lock.release();
            if (round == kill % 50) child.kill();
        }
        child.wait();
    }
    RecordProperty("abandoned", std::to_string(abandoned));
}

TEST_F(OwnedLockTest, returns_when_a_signal_handler_ran) {
    auto holder = start_holder();
    auto sleeper = start([this](Owner owner) {
        struct sigaction action {};
        action.sa_handler = [](int) {};
        ::sigaction(SIGUSR1, &action, nullptr);
        board_->step = 2;
        EXPECT_EQ(acquire(owner), Acquired::interrupted);
    });
    wait_for_step(2);
    // Until it has reached the sleep: a signal before that is an interrupted nothing.
    while (::kill(sleeper.pid(), 0) == 0 && board_->step == 2) {
        sleeper.kill(SIGUSR1);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        siginfo_t info{};
        if (::waitid(P_PID, static_cast<id_t>(sleeper.pid()), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
            info.si_pid != 0)
            break;
    }
    EXPECT_TRUE(sleeper.wait().success());
}

}  // namespace
