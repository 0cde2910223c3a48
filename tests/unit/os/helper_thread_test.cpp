// SPDX-License-Identifier: MIT
#include "os/helper_thread.hpp"

#include "os/fault.hpp"
#include "os/process_identity.hpp"
#include "os/signals.hpp"
#include "os/threads.hpp"
#include "support/error_text.hpp"

#include <gtest/gtest.h>

#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <csignal>

namespace {

using namespace cohort::os;

struct Seen {
    std::atomic<pid_t> thread{0};
    std::atomic<bool> blocks_signals{false};
};

void look(void* context) noexcept {
    auto& seen = *static_cast<Seen*>(context);
    sigset_t blocked;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    seen.blocks_signals = sigismember(&blocked, SIGINT) == 1 && sigismember(&blocked, SIGCHLD) == 1;
    seen.thread = current_tid();
}

bool blocked_here(int signal) {
    sigset_t blocked;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    return sigismember(&blocked, signal) == 1;
}

TEST(HelperThread, works_without_signals_and_is_gone_at_its_end) {
    for (int i = 0; i != 200; ++i) {
        Seen seen;
        { const HelperThread thread(look, &seen); }
        EXPECT_NE(seen.thread, 0);
        EXPECT_NE(seen.thread, current_tid());
        EXPECT_TRUE(seen.blocks_signals);
        EXPECT_FALSE(blocked_here(SIGINT));
        ASSERT_FALSE(has_other_threads()) << i;
    }
}

TEST(HelperThread, has_the_signals_of_its_maker_if_it_is_to) {
    Seen seen;
    { const HelperThread thread(look, &seen, HelperThread::Blocks::what_its_maker_blocks); }
    EXPECT_NE(seen.thread, 0);
    EXPECT_FALSE(seen.blocks_signals);
}

TEST(HelperThread, says_when_there_is_none) {
    Seen seen;
    Fault refused("pthread_create", EAGAIN);
    EXPECT_NE(cohort::test::error_text(EAGAIN, [&] { const HelperThread thread(look, &seen); }), "");
    EXPECT_EQ(seen.thread, 0);
    EXPECT_FALSE(blocked_here(SIGINT));
}

}  // namespace
