// SPDX-License-Identifier: MIT
#include "sync/event_state.hpp"

#include "unit/sync/sync_fixture.hpp"

#include <vector>

using cohort::sync::EventState;
using cohort::test::Actor;
using cohort::test::ForkedChild;
using cohort::test::Placed;

namespace {

class EventStateTest : public cohort::test::SyncTest {
protected:
    Placed<EventState> event_{};
};

TEST_F(EventStateTest, is_a_flag) {
    EXPECT_FALSE(event_->is_set());
    EXPECT_FALSE(event_->wait(me_, past()));
    EXPECT_FALSE(event_->wait(me_, soon()));
    event_->set();
    event_->set();
    EXPECT_TRUE(event_->is_set());
    EXPECT_TRUE(event_->wait(me_, past()));
    EXPECT_TRUE(event_->wait(me_, {}));
    event_->clear();
    event_->clear();
    EXPECT_FALSE(event_->is_set());
    EXPECT_FALSE(event_->wait(me_, past()));
}

TEST_F(EventStateTest, wakes_all_processes_and_their_threads) {
    std::vector<ForkedChild> children;
    for (int i = 0; i != 3; ++i)
        children.push_back(start([&](Actor& first) {
            std::vector<std::thread> threads;
            for (std::uint32_t number = 1; number != 4; ++number)
                threads.emplace_back([&, number] {
                    Actor actor = first.thread(number);
                    ++*step_;
                    EXPECT_TRUE(event_->wait(actor, {}));
                });
            for (auto& thread : threads) thread.join();
        }));
    wait_for_step(9);
    event_->set();
    for (auto& child : children) EXPECT_TRUE(child.wait().success());
}

TEST_F(EventStateTest, lets_those_go_who_waited_when_it_is_cleared_at_once) {
    for (int round = 0; round != 20; ++round) {
        *step_ = 0;
        auto child = start([&](Actor& actor) {
            *step_ = 1;
            EXPECT_TRUE(event_->wait(actor, {}));
            *step_ = 2;
        });
        wait_for_step(1);
        // It may not wait yet, so once more until it has gone.
        while (*step_ != 2) {
            event_->set();
            event_->clear();
        }
        EXPECT_TRUE(child.wait().success());
    }
}

TEST_F(EventStateTest, passes_turns_between_two) {
    Placed<EventState> back;
    constexpr int kTurns = 2000;
    auto child = start([&](Actor& actor) {
        for (int turn = 0; turn != kTurns; ++turn) {
            event_->wait(actor, {});
            event_->clear();
            back->set();
        }
    });
    for (int turn = 0; turn != kTurns; ++turn) {
        event_->set();
        EXPECT_TRUE(back->wait(me_, {}));
        back->clear();
    }
    EXPECT_TRUE(child.wait().success());
}

TEST_F(EventStateTest, outlives_those_who_wait) {
    for (int i = 0; i != 5; ++i) {
        auto child = start([this](Actor& actor) {
            ++*step_;
            event_->wait(actor, {});
        });
        wait_for_step(i + 1);
        end(child);
    }
    auto child = start([this](Actor& actor) {
        ++*step_;
        EXPECT_TRUE(event_->wait(actor, {}));
    });
    wait_for_step(6);
    event_->set();
    EXPECT_TRUE(child.wait().success());
}

}  // namespace
