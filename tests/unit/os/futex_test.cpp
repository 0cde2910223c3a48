// SPDX-License-Identifier: MIT
#include "os/futex.hpp"

#include "os/fault.hpp"
#include "os/fork.hpp"
#include "os/mapping.hpp"
#include "os/signals.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

namespace {

using namespace cohort::os;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST(Futex, another_value_ends_the_wait_at_once) {
    FutexWord word{1};
    EXPECT_EQ(futex_wait(word, 0, {}), FutexResult::changed);
}

TEST(Futex, the_time_is_a_moment) {
    FutexWord word{0};
    auto until = Clock::now() + 20ms;
    EXPECT_EQ(futex_wait(word, 0, until), FutexResult::timed_out);
    EXPECT_GE(Clock::now(), until);
    EXPECT_EQ(futex_wait(word, 0, Clock::now() - 1h), FutexResult::timed_out);
    EXPECT_EQ(futex_wait(word, 0, Clock::time_point(-5s)), FutexResult::timed_out);
}

TEST(Futex, wakes_another_process) {
    Mapping memory = Mapping::map_anonymous_shared(page_size());
    auto* words = new (memory.data()) std::array<FutexWord, 2>{};
    auto forked = fork_process();
    if (forked.in_child()) {
        (*words)[1] = 1;
        while ((*words)[0] == 0) futex_wait((*words)[0], 0, {});
        ::_exit(5);
    }
    while ((*words)[1] == 0) std::this_thread::yield();
    (*words)[0] = 1;
    futex_wake((*words)[0], INT_MAX);
    EXPECT_EQ(forked.process.wait(cohort::forever)->code(), 5);
}

TEST(Futex, a_wake_without_sleepers_wakes_nobody) {
    FutexWord word{0};
    EXPECT_EQ(futex_wake(word, INT_MAX), 0);
}

TEST(Futex, an_interruption_is_told) {
    Fault fault("futex", EINTR);
    FutexWord word{0};
    EXPECT_EQ(futex_wait(word, 0, {}), FutexResult::interrupted);
}

TEST(Futex, an_error_names_the_call) {
    Fault fault("futex", EFAULT);
    FutexWord word{0};
    EXPECT_THROW(futex_wait(word, 0, {}), std::system_error);
}

class FutexWaitv : public testing::Test {
protected:
    std::array<FutexWord, 3> words{};
    std::vector<FutexWaiter> waiters() const { return {{&words[0], 0}, {&words[1], 0}, {&words[2], 0}}; }
};

TEST_F(FutexWaitv, tells_which_word_had_changed) {
    words[1] = 1;
    auto result = futex_waitv(waiters(), {});
    EXPECT_EQ(result.result, FutexResult::changed);
    EXPECT_EQ(result.index, 1U);
}

TEST_F(FutexWaitv, times_out) {
    auto until = Clock::now() + 20ms;
    EXPECT_EQ(futex_waitv(waiters(), until).result, FutexResult::timed_out);
    EXPECT_GE(Clock::now(), until);
}

TEST_F(FutexWaitv, any_word_ends_the_sleep) {
    for (std::size_t chosen = 0; chosen < words.size(); ++chosen) {
        for (FutexWord& word : words) word = 0;
        std::jthread waker([&] {
            words[chosen] = 1;
            futex_wake(words[chosen], INT_MAX);
        });
        EXPECT_EQ(futex_waitv(waiters(), {}).index, chosen);
    }
}

TEST_F(FutexWaitv, takes_1_to_128_words) {
    EXPECT_THROW(futex_waitv({}, {}), std::system_error);
    std::vector<FutexWaiter> many(kFutexWaitvMax, {&words[0], 0});
    words[0] = 1;
    EXPECT_EQ(futex_waitv(many, {}).result, FutexResult::changed);
    many.push_back({&words[0], 0});
    EXPECT_THROW(futex_waitv(many, {}), std::system_error);
}

}  // namespace
