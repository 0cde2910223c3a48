// SPDX-License-Identifier: MIT
#include "os/signals.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

namespace {

using namespace cohort::os;

volatile std::sig_atomic_t handled = 0;

void count(int) {
    handled = handled + 1;
}

TEST(Signals, have_names) {
    EXPECT_EQ(signal_name(SIGKILL), "SIGKILL");
    EXPECT_EQ(signal_name(SIGSEGV), "SIGSEGV");
    EXPECT_EQ(signal_name(SIGRTMIN), "SIGRTMIN");
    EXPECT_EQ(signal_name(SIGRTMIN + 2), "SIGRTMIN+2");
    EXPECT_EQ(signal_name(99), "signal 99");
}

TEST(Signals, a_handler_lasts_as_long_as_its_scope) {
    handled = 0;
    auto before = signal_action(SIGUSR1);
    {
        SignalHandler outer(SIGUSR1, SIG_IGN);
        SignalHandler inner(SIGUSR1, count);
        EXPECT_EQ(inner.before().sa_handler, SIG_IGN);
        ::raise(SIGUSR1);
    }
    EXPECT_EQ(handled, 1);
    EXPECT_EQ(signal_action(SIGUSR1), before);
}

TEST(Signals, blocked_ones_come_at_the_end) {
    handled = 0;
    SignalHandler handler(SIGUSR1, count);
    {
        SignalBlock block({SIGUSR1});
        ::raise(SIGUSR1);
        EXPECT_EQ(handled, 0);
    }
    EXPECT_EQ(handled, 1);
}

TEST(Signals, sets_know_their_members) {
    EXPECT_TRUE(SignalSet({SIGINT, SIGTERM}).contains(SIGTERM));
    EXPECT_FALSE(SignalSet({SIGINT, SIGTERM}).contains(SIGHUP));
    EXPECT_TRUE(SignalSet::all().contains(SIGHUP));
}

TEST(Signals, are_sent_to_processes_that_exist) {
    EXPECT_TRUE(send_signal(::getpid(), 0));
    EXPECT_FALSE(send_signal(0x3fffffff, 0));
}

TEST(Signals, an_action_is_set_for_good) {
    auto before = signal_action(SIGUSR2);
    set_signal_action(SIGUSR2, SIG_IGN);
    EXPECT_EQ(signal_action(SIGUSR2), SIG_IGN);
    set_signal_action(SIGUSR2, before);
}

}  // namespace
