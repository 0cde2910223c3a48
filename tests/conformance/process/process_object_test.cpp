// SPDX-License-Identifier: MIT
// The Process object: what Python documents of its members, for each start method.
#include <cohort/base/errors.hpp>
#include <cohort/process/current_process.hpp>

#include "conformance/start_methods.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

class ProcessObject : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, ProcessObject, kEveryStartMethod, name_of);

/// The text of the E that a call throws.
template <class E, class F>
std::string error_of(F&& call) {
    try {
        call();
    } catch (const E& error) {
        return error.what();
    }
    return "no error";
}

std::string text_of(const Process& process) {
    std::ostringstream text;
    text << process;
    return text.str();
}

void nothing() {}

TEST_P(ProcessObject, runs_nothing) {
    Process p;
    p.start();
    p.join();
    EXPECT_EQ(p.exitcode(), 0);
}

TEST_P(ProcessObject, run_calls_the_target) {
    int calls = 0;
    Process p = make([&calls] { ++calls; });
    p.run();
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(p.pid(), std::nullopt);
}

TEST_P(ProcessObject, run_after_start_is_refused) {
    Process p = start(nothing);
    EXPECT_EQ(error_of<ValueError>([&] { p.run(); }),
              "cannot run a process that was started: its target is no longer here");
    p.join();
}

TEST_P(ProcessObject, a_null_target_is_refused) {
    void (*none)() = nullptr;
    EXPECT_EQ(error_of<ValueError>([&] { make(none); }), "the function to call is a null pointer");
}

TEST_P(ProcessObject, start_twice) {
    Process p = start(nothing);
    EXPECT_EQ(error_of<ValueError>([&] { p.start(); }), "cannot start a process twice");
    p.join();
    EXPECT_EQ(error_of<ValueError>([&] { p.start(); }), "cannot start a process twice");
}

TEST_P(ProcessObject, daemon_has_no_children) {
    auto try_it = [](const Mailbox& out) { out.post(error_of<Error>([] { Process(nothing).start(); })); };
    const Mailbox out = mailbox();
    Process p({.daemon = true, .start_method = GetParam()}, try_it, out);
    p.start();
    p.join();
    EXPECT_EQ(out.take(), "daemonic processes are not allowed to have children");
}

TEST_P(ProcessObject, join_tells_whether_it_ended) {
    const Mailbox ready = mailbox(), release = mailbox();
    Process p = start(report_and_wait_for_release, ready, release);
    EXPECT_FALSE(p.join(0s));
    const auto before = std::chrono::steady_clock::now();
    EXPECT_FALSE(p.join(20ms));
    EXPECT_GE(std::chrono::steady_clock::now() - before, 20ms);
    release.post("");
    EXPECT_TRUE(p.join());
    EXPECT_TRUE(p.join(0s));
}

TEST_P(ProcessObject, join_before_start) {
    Process p = make(nothing);
    EXPECT_EQ(error_of<ValueError>([&] { p.join(); }), "can only join a started process");
    EXPECT_THROW(p.terminate(), ValueError);
    EXPECT_THROW(p.kill(), ValueError);
    EXPECT_THROW(p.interrupt(), ValueError);
}

TEST_P(ProcessObject, join_with_negative_timeout) {
    Process p = start(report_and_wait_for_a_signal, mailbox());
    EXPECT_FALSE(p.join(-1s));
    p.kill();
    p.join();
    EXPECT_TRUE(p.join(-1s));
}

TEST_P(ProcessObject, is_alive) {
    const Mailbox ready = mailbox(), release = mailbox();
    Process p = make(report_and_wait_for_release, ready, release);
    EXPECT_FALSE(p.is_alive());
    p.start();
    EXPECT_TRUE(p.is_alive());
    release.post("");
    p.join();
    EXPECT_FALSE(p.is_alive());
}

void report_names(StartMethod method, const Mailbox& out, int generations) {
    out.post(current_process().name());
    if (generations == 1) return;
    for (int i = 0; i < 2; ++i) {
        Process p({.start_method = method}, report_names, method, out, generations - 1);
        p.start();
        p.join();
    }
}

TEST_P(ProcessObject, names_by_ancestry) {
    const Mailbox out = mailbox();
    Process first = make(nothing);
    Process second = make(report_names, GetParam(), out, 3);
    second.set_name("Second");
    const int number = number_of(first);  // 1 in a program that has made no other
    EXPECT_EQ(first.name(), "Process-" + std::to_string(number));
    second.start();
    second.join();
    EXPECT_EQ(out.take(), "Second");
    for (const char* path : {":1", ":1:1", ":1:2", ":2", ":2:1", ":2:2"})
        EXPECT_EQ(out.take(), "Process-" + std::to_string(number + 1) + path);
}

TEST_P(ProcessObject, daemon_is_fixed_at_start) {
    auto report = [](const Mailbox& out) { out.post(current_process().daemon() ? "daemon" : "not"); };
    const Mailbox out = mailbox();
    Process p = make(report, out);
    EXPECT_FALSE(p.daemon());
    p.set_daemon(true);
    p.start();
    EXPECT_EQ(error_of<ValueError>([&] { p.set_daemon(false); }), "process has already started");
    p.join();
    EXPECT_EQ(out.take(), "daemon");
}

TEST_P(ProcessObject, daemon_is_inherited) {
    auto report = [](const Mailbox& out) {
        out.post(Process(nothing).daemon() ? "daemon" : "not");
        out.post(Process({.daemon = false}, nothing).daemon() ? "daemon" : "not");
    };
    const Mailbox out = mailbox();
    Process p({.daemon = true, .start_method = GetParam()}, report, out);
    p.start();
    p.join();
    EXPECT_EQ(out.take(), "daemon");
    EXPECT_EQ(out.take(), "not");
}

TEST_P(ProcessObject, pid) {
    auto report = [](const Mailbox& out) { out.post(std::to_string(::getpid())); };
    const Mailbox out = mailbox();
    Process p = make(report, out);
    EXPECT_EQ(p.pid(), std::nullopt);
    p.start();
    const auto pid = p.pid();
    EXPECT_EQ(out.take(), std::to_string(pid.value()));
    p.join();
    EXPECT_EQ(p.pid(), pid);
}

TEST_P(ProcessObject, exit_codes) {
    EXPECT_EQ(make(nothing).exitcode(), std::nullopt);
    EXPECT_EQ(run(nothing), 0);
    EXPECT_EQ(run([] { std::exit(3); }), 3);
    auto quiet_failure = [](int kind) {
        std::freopen("/dev/null", "w", stderr);
        if (kind == 0) throw std::runtime_error("x");
        throw kind;
    };
    EXPECT_EQ(run(quiet_failure, 0), 1);
    EXPECT_EQ(run(quiet_failure, 1), 1);
    for (const int signal : {SIGKILL, SIGTERM, SIGINT, SIGUSR1, SIGRTMAX})
        EXPECT_EQ(run([](int n) { std::raise(n); }, signal), -signal) << signal;
}

TEST_P(ProcessObject, abort_is_a_signal) {
    auto abort = [] { std::abort(); };
    EXPECT_EQ(run(abort), -SIGABRT);
}

TEST_P(ProcessObject, authkey) {
    auto report = [](const Mailbox& out) { out.post(current_process().authkey() == "abc" ? "abc" : "another"); };
    const Mailbox out = mailbox();
    EXPECT_EQ(current_process().authkey().size(), 32U);
    Process p = make(report, out);
    EXPECT_EQ(p.authkey(), current_process().authkey());
    p.set_authkey("abc");
    p.start();
    p.join();
    EXPECT_EQ(out.take(), "abc");
}

TEST_P(ProcessObject, authkey_of_the_parent_is_inherited) {
    auto compare = [](std::string key) { std::exit(current_process().authkey() == key ? 0 : 1); };
    EXPECT_EQ(run(compare, current_process().authkey()), 0);
}

TEST_P(ProcessObject, authkey_is_not_printed) {
    Process p = make(nothing);
    p.set_authkey("secret");
    EXPECT_EQ(text_of(p).find("secret"), std::string::npos);
}

TEST_P(ProcessObject, signals_after_the_end) {
    Process p = start(nothing);
    p.join();
    p.terminate();
    p.kill();
    p.interrupt();
    EXPECT_EQ(p.exitcode(), 0);
}

TEST_P(ProcessObject, printed_as_in_python) {
    const std::string parent = " parent=" + std::to_string(::getpid());
    Process p({.name = "x", .start_method = GetParam()}, report_and_wait_for_a_signal, mailbox());
    EXPECT_EQ(text_of(p), "<Process name='x'" + parent + " initial>");
    p.set_daemon(true);
    p.start();
    const std::string started = "<Process name='x' pid=" + std::to_string(p.pid().value()) + parent;
    EXPECT_EQ(text_of(p), started + " started daemon>");
    p.kill();
    p.join();
    EXPECT_EQ(text_of(p), started + " stopped exitcode=-SIGKILL daemon>");
    p.close();
    EXPECT_EQ(text_of(p), "<Process name='x'" + parent + " closed daemon>");
}

TEST_P(ProcessObject, uncaught_exception_is_printed) {
    auto fail = [](const std::string& path) {
        std::freopen(path.c_str(), "w", stderr);
        throw std::invalid_argument("wrong number");
    };
    Process p({.name = "Worker", .start_method = GetParam()}, fail, file("stderr"));
    p.start();
    p.join();
    const std::string text = cohort::test::text_of(file("stderr"));
    EXPECT_EQ(p.exitcode(), 1);
    EXPECT_TRUE(text.starts_with("Process Worker:\n")) << text;
    EXPECT_TRUE(text.ends_with("std::invalid_argument: wrong number\n")) << text;
}

TEST_P(ProcessObject, what_was_thrown_is_printed) {
    auto fail = [](const std::string& path) {
        std::freopen(path.c_str(), "w", stderr);
        throw 42;
    };
    EXPECT_EQ(run(fail, file("stderr")), 1);
    EXPECT_TRUE(cohort::test::text_of(file("stderr")).ends_with("\nint: 42\n"));
}

TEST_P(ProcessObject, exception_without_a_text) {
    struct Silent : std::exception {
        const char* what() const noexcept override { return nullptr; }
    };
    auto fail = [] {
        std::freopen("/dev/null", "w", stderr);
        throw Silent();
    };
    EXPECT_EQ(run(fail), 1);
}

TEST_P(ProcessObject, works_where_its_parent_works) {
    auto report = [](const Mailbox& out) { out.post(std::filesystem::current_path().string()); };
    const auto before = std::filesystem::current_path();
    EXPECT_EQ(run(nothing), 0);  // the forkserver is there
    const Mailbox out = mailbox();
    std::filesystem::current_path("/usr");
    EXPECT_EQ(run(report, out), 0);
    std::filesystem::current_path(before);
    EXPECT_EQ(out.take(), "/usr");
    EXPECT_EQ(run(report, out), 0);
    EXPECT_EQ(out.take(), before.string());
}

TEST_P(ProcessObject, children_that_the_kernel_reaps) {
    const auto before = std::signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i != 50; ++i) {
        Process p = start(nothing);
        EXPECT_TRUE(p.join());
    }
    std::signal(SIGCHLD, before);
}

TEST_P(ProcessObject, streams_are_flushed_at_the_end) {
    auto print = [](const std::string& path) {
        std::freopen(path.c_str(), "w", stdout);
        std::cout << "one ";
        std::printf("two");
    };
    EXPECT_EQ(run(print, file("stdout")), 0);
    EXPECT_EQ(cohort::test::text_of(file("stdout")), "one two");
}

TEST_P(ProcessObject, two_threads_join) {
    const Mailbox ready = mailbox(), release = mailbox();
    Process p = start(report_and_wait_for_release, ready, release);
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&p] {
            EXPECT_TRUE(p.join());
            EXPECT_FALSE(p.is_alive());
            EXPECT_EQ(p.exitcode(), 0);
        });
    release.post("");
}

// Children of the forkserver are not children of this process: nobody here can take their status.
TEST_P(ProcessObject, reaped_by_another_part_of_the_program) {
    Process p({.name = "x", .start_method = GetParam()}, nothing);
    p.start();
    pollfd end{p.sentinel(), POLLIN, 0};
    ASSERT_EQ(::poll(&end, 1, -1), 1);
    const bool is_taken = ::waitpid(*p.pid(), nullptr, 0) == p.pid();
    EXPECT_EQ(is_taken, GetParam() != StartMethod::forkserver);
    EXPECT_FALSE(p.is_alive());
    EXPECT_TRUE(active_children().empty());
    if (is_taken) {
        EXPECT_NE(error_of<Error>([&] { p.exitcode(); }).find("another part of the program"), std::string::npos);
        EXPECT_NE(text_of(p).find(" stopped exitcode=unknown>"), std::string::npos) << text_of(p);
    } else {
        EXPECT_EQ(p.exitcode(), 0);
    }
    p.kill();
    EXPECT_TRUE(p.join());
    p.close();
}

TEST_P(ProcessObject, moved_while_it_runs) {
    const Mailbox ready = mailbox(), release = mailbox();
    Process first = start(report_and_wait_for_release, ready, release);
    const auto pid = first.pid();
    std::vector<Process> several;
    several.push_back(std::move(first));
    EXPECT_EQ(several[0].pid(), pid);
    EXPECT_TRUE(several[0].is_alive());
    release.post("");
    EXPECT_TRUE(several[0].join());
}

TEST_P(ProcessObject, outlives_the_thread_that_started_it) {
    const Mailbox ready = mailbox(), release = mailbox();
    Process p = make(report_and_wait_for_release, ready, release);
    std::thread([&p] { p.start(); }).join();
    ready.take();
    release.post("");
    p.join();
    EXPECT_EQ(p.exitcode(), 0);
}

TEST_P(ProcessObject, goes_on_after_its_object) {
    const Mailbox ready = mailbox(), release = mailbox();
    { Process p = start(report_and_wait_for_release, ready, release); }
    const pid_t pid = std::stoi(ready.take());
    EXPECT_TRUE(is_running(pid));
    EXPECT_EQ(active_children().size(), 1U);
    release.post("");
    wait_for_end(pid);
    while (!active_children().empty()) std::this_thread::yield();  // the forkserver tells of it a moment later
}

TEST_P(ProcessObject, never_started_does_nothing) {
    { Process p = make(nothing); }
    EXPECT_TRUE(active_children().empty());
}

class Sliced : public Process {
public:
    using Process::Process;
    void run() override { std::exit(7); }
};

TEST_P(ProcessObject, a_subclass_does_not_lose_its_run) {
    std::vector<Process> several;
    several.push_back(Sliced(options()));
    EXPECT_THROW(several[0].start(), ValueError);
}

TEST_P(ProcessObject, move_only_argument) {
    Process p(
        {}, [](std::unique_ptr<int> number) { std::exit(*number); }, std::make_unique<int>(4));
    p.start();
    p.join();
    EXPECT_EQ(p.exitcode(), 4);
    EXPECT_EQ(run([](std::unique_ptr<int> number) { std::exit(*number); }, std::make_unique<int>(5)), 5);
}

}  // namespace
}  // namespace cohort::test
