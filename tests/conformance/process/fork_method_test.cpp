// SPDX-License-Identifier: MIT
// What only a fork can do, and what it must not.
#include <cohort/base/errors.hpp>
#include <cohort/process/current_process.hpp>

#include "conformance/start_methods.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <semaphore>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

class ForkMethod : public OneStartMethod<StartMethod::fork> {};

TEST_F(ForkMethod, child_is_a_snapshot) {
    std::vector<int> numbers{1, 2, 3};
    const auto shared = std::make_shared<int>(4);
    std::function<void()> any = [&numbers, shared] {
        numbers.push_back(*shared);
        std::exit(static_cast<int>(numbers.size()));
    };
    EXPECT_EQ(run(any), 4);
    EXPECT_EQ(numbers.size(), 3U);
}

TEST_F(ForkMethod, warns_once_of_threads) {
    auto start_with_a_thread = [](const std::string& path) {
        std::freopen(path.c_str(), "w", stderr);
        std::binary_semaphore end(0);
        std::jthread thread([&end] { end.acquire(); });
        for (int i = 0; i < 2; ++i) run([] {});
        end.release();
    };
    EXPECT_EQ(run(start_with_a_thread, file("stderr")), 0);
    const std::string text = text_of(file("stderr"));
    EXPECT_NE(text.find("fork"), std::string::npos) << text;
    EXPECT_NE(text.find("thread"), std::string::npos) << text;
    EXPECT_EQ(std::ranges::count(text, '\n'), 1) << text;
}

TEST_F(ForkMethod, does_not_warn_without_threads) {
    auto start_without = [](const std::string& path) {
        std::freopen(path.c_str(), "w", stderr);
        run([] {});
    };
    EXPECT_EQ(run(start_without, file("stderr")), 0);
    EXPECT_EQ(text_of(file("stderr")), "");
}

template <class F>
std::string value_error_of(F&& call) {
    try {
        call();
    } catch (const ValueError& error) {
        return error.what();
    }
    return "no error";
}

TEST_F(ForkMethod, only_the_creator_starts) {
    const Mailbox out = mailbox();
    Process p({.start_method = StartMethod::fork}, [] {});
    run([&] { out.post(value_error_of([&] { p.start(); })); });
    EXPECT_EQ(out.take(), "can only start a process object created by current process");
}

TEST_F(ForkMethod, only_the_parent_joins) {
    const Mailbox ready = mailbox(), out = mailbox();
    Process p = start(report_and_wait_for_a_signal, ready);
    run([&] {
        out.post(value_error_of([&] { p.join(); }));
        out.post(value_error_of([&] { p.is_alive(); }));
        out.post(value_error_of([&] { p.kill(); }));
    });
    EXPECT_EQ(out.take(), "can only join a child process");
    EXPECT_EQ(out.take(), "can only test a child process");
    EXPECT_NE(out.take(), "no error");
    EXPECT_TRUE(p.is_alive());
    p.kill();
    p.join();
}

TEST_F(ForkMethod, unknown_to_a_sibling) {
    const Mailbox ready = mailbox(), out = mailbox();
    Process p({.name = "x", .start_method = StartMethod::fork}, report_and_wait_for_a_signal, ready);
    p.start();
    run([&] {
        std::ostringstream text;
        text << p;
        out.post(text.str());
    });
    EXPECT_EQ(out.take(), "<Process name='x' pid=" + std::to_string(*p.pid()) +
                              " parent=" + std::to_string(::getpid()) + " unknown>");
    p.kill();
    p.join();
}

TEST_F(ForkMethod, siblings_are_not_children) {
    const Mailbox ready = mailbox();
    Process p = start(report_and_wait_for_a_signal, ready);
    EXPECT_EQ(run([] { std::exit(static_cast<int>(active_children().size())); }), 0);
    p.kill();
    p.join();
}

// A thread that starts processes all the time holds every lock of the runtime in turn.
TEST_F(ForkMethod, runtime_locks_are_free_in_the_child) {
    EXPECT_EQ(run([] {
                  std::atomic<bool> end = false;
                  std::jthread busy([&end] {
                      while (!end) run([] {});
                  });
                  for (int i = 0; i < 50; ++i) run([] { run([] {}); });
                  end = true;
              }),
              0);
}

TEST_F(ForkMethod, a_raw_fork_has_no_children) {
    const Mailbox ready = mailbox();
    Process p = start(report_and_wait_for_a_signal, ready);
    const pid_t copy = ::fork();
    if (copy == 0) ::_exit(static_cast<int>(active_children().size()));
    int status = -1;
    ASSERT_EQ(::waitpid(copy, &status, 0), copy);
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(p.is_alive());
    p.kill();
    p.join();
    EXPECT_EQ(p.exitcode(), -SIGKILL);
}

}  // namespace
}  // namespace cohort::test
