// SPDX-License-Identifier: MIT
#include "os/pidfd.hpp"

#include "os/fork.hpp"
#include "support/error_text.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>

namespace {

using namespace cohort::os;
using namespace std::chrono_literals;
using cohort::ExitStatus;
using cohort::test::error_text;

Forked sleeping_child() {
    Forked forked = fork_process();
    if (forked.in_child())
        for (;;) ::pause();
    return forked;
}

ExitStatus end(const Forked& child) {
    child.process.send_signal(SIGKILL);
    return *child.process.wait(cohort::forever);
}

TEST(Pidfd, a_wait_ends_with_the_time) {
    Forked child = sleeping_child();
    auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(child.process.wait(20ms), std::nullopt);
    EXPECT_GE(std::chrono::steady_clock::now() - before, 20ms);
    EXPECT_EQ(child.process.wait(0s), std::nullopt);
    EXPECT_TRUE(child.process.alive());
    EXPECT_EQ(end(child), ExitStatus::signaled(SIGKILL));
    EXPECT_FALSE(child.process.alive());
}

TEST(Pidfd, looking_does_not_reap) {
    Forked child = fork_process();
    if (child.in_child()) ::_exit(3);
    EXPECT_TRUE(child.process.wait_readable(cohort::forever));
    EXPECT_FALSE(child.process.alive());
    EXPECT_EQ(child.process.wait(1h), ExitStatus::exited(3));
}

TEST(Pidfd, a_child_is_reaped_once) {
    Forked child = fork_process();
    if (child.in_child()) ::_exit(3);
    EXPECT_EQ(wait_for_child(child.pid), ExitStatus::exited(3));
    EXPECT_TRUE(child.process.wait_readable(0s));
    EXPECT_NE(error_text(ECHILD, [&] { child.process.wait(cohort::forever); }), "");
}

TEST(Pidfd, stands_for_a_process_that_is_no_child) {
    Pidfd parent = Pidfd::open(::getppid());
    EXPECT_TRUE(parent.alive());
    EXPECT_TRUE(parent.send_signal(0));
    EXPECT_THROW(parent.wait(cohort::forever), std::system_error);
}

TEST(Pidfd, a_signal_that_does_not_exist_is_an_error) {
    EXPECT_THROW(Pidfd::open(::getpid()).send_signal(999), std::system_error);
}

TEST(Pidfd, no_such_process_is_an_error_that_names_it) {
    EXPECT_EQ(error_text(ESRCH, [] { Pidfd::open(0x3fffffff); }), "pidfd_open of process 1073741823: No such process");
}

TEST(Pidfd, a_stopped_child_has_not_ended) {
    Forked child = sleeping_child();
    ::kill(child.pid, SIGSTOP);
    ::waitpid(child.pid, nullptr, WUNTRACED);
    EXPECT_EQ(child.process.wait(0s), std::nullopt);
    end(child);
}

TEST(Pidfd, two_threads_may_wait_and_one_gets_the_status) {
    Forked child = sleeping_child();
    std::atomic<int> statuses{0};
    std::atomic<int> errors{0};
    auto wait = [&] {
        try {
            if (child.process.wait(cohort::forever)) ++statuses;
        } catch (const std::system_error& error) {
            if (error.code().value() == ECHILD) ++errors;
        }
    };
    std::thread one(wait);
    std::thread two(wait);
    child.process.send_signal(SIGKILL);
    one.join();
    two.join();
    EXPECT_EQ(statuses, 1);
    EXPECT_EQ(errors, 1);
}

TEST(Pidfd, release_gives_the_descriptor_away) {
    Pidfd self = Pidfd::open(::getpid());
    int number = self.get();
    EXPECT_EQ(self.release().get(), number);
    EXPECT_FALSE(self);
}

}  // namespace
