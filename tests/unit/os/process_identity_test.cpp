// SPDX-License-Identifier: MIT
#include "os/process_identity.hpp"

#include "os/fork.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

namespace {

using namespace cohort::os;

TEST(ProcessIdentity, is_renewed_by_every_kind_of_fork) {
    ASSERT_EQ(current_pid(), ::getpid());
    auto forked = fork_process();
    if (forked.in_child()) ::_exit(current_pid() == ::getpid() && parent_pid() == ::getppid() ? 0 : 1);
    EXPECT_EQ(forked.process.wait(cohort::forever), cohort::ExitStatus::exited(0));

    pid_t without_handlers = ::_Fork();
    if (without_handlers == 0) ::_exit(current_pid() == ::getpid() ? 0 : 1);
    EXPECT_EQ(wait_for_child(without_handlers), cohort::ExitStatus::exited(0));
}

TEST(ProcessIdentity, threads_have_numbers_of_their_own) {
    EXPECT_EQ(current_tid(), current_pid());
    std::thread([] { EXPECT_NE(current_tid(), current_pid()); }).join();
}

}  // namespace
