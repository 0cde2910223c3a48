// SPDX-License-Identifier: MIT
#include "os/fork.hpp"

#include "os/fault.hpp"
#include "support/error_text.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace {

using cohort::ExitStatus;
using cohort::os::Fault;
using cohort::os::fork_process;
using cohort::test::error_text;

TEST(Fork, the_child_has_no_handle_and_the_parent_gets_its_status) {
    auto forked = fork_process();
    if (forked.in_child()) ::_exit(forked.process ? 1 : 7);
    EXPECT_EQ(forked.process.wait(cohort::forever), ExitStatus::exited(7));
}

TEST(Fork, a_signal_is_told_apart_from_a_code) {
    auto forked = fork_process();
    if (forked.in_child())
        for (;;) ::pause();
    EXPECT_TRUE(forked.process.alive());
    EXPECT_TRUE(forked.process.send_signal(SIGKILL));
    EXPECT_EQ(forked.process.wait(cohort::forever), ExitStatus::signaled(SIGKILL));
    EXPECT_FALSE(forked.process.send_signal(SIGKILL));
}

TEST(Fork, leaves_no_child_when_it_has_no_handle) {
    Fault fault("pidfd_open", EMFILE, 2);
    EXPECT_NE(error_text(EMFILE,
                         [] {
                             auto forked = fork_process();
                             while (forked.in_child()) ::pause();
                         }),
              "");
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
}

TEST(Fork, names_the_call_that_failed) {
    Fault fault("fork", EAGAIN);
    EXPECT_EQ(error_text(EAGAIN, fork_process), "fork: Resource temporarily unavailable");
}

}  // namespace
