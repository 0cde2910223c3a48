// SPDX-License-Identifier: MIT
#include <cohort/subprocess/popen.hpp>

#include <cohort/channel/wait.hpp>

#include "os/fork.hpp"
#include "os/pidfd.hpp"
#include "os/signals.hpp"
#include "programs.hpp"
#include "support/error_text.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace cohort::subprocess;
using namespace std::chrono_literals;
using cohort::TimeoutError;
using cohort::ValueError;
using cohort::test::error_text;
using cohort::test::Gate;
using cohort::test::shell;
using cohort::test::Words;

const PopenOptions kPiped{.in = PIPE, .out = PIPE};

TEST(Popen, polls_until_the_end) {
    Popen program({"cat"}, {.in = PIPE});
    EXPECT_EQ(program.poll(), std::nullopt);
    EXPECT_EQ(program.returncode(), std::nullopt);
    EXPECT_EQ(program.usage(), std::nullopt);
    program.in().close();
    while (!program.poll()) cohort::wait({program});
    EXPECT_EQ(program.poll(), 0);
    EXPECT_EQ(program.returncode(), 0);
    EXPECT_TRUE(program.usage());
}

TEST(Popen, waits) {
    Popen program(shell("exit 47"));
    EXPECT_EQ(program.wait(), 47);
    EXPECT_EQ(program.wait(), 47);
    EXPECT_EQ(program.wait(0s), 47);
}

TEST(Popen, wait_may_expire) {
    Popen program({"cat"}, {.in = PIPE});
    EXPECT_EQ(error_text<TimeoutExpired>([&] { program.wait(1ms); }), "Command 'cat' timed out after 0.001 seconds");
    EXPECT_THROW(program.wait(0s), TimeoutExpired);
    program.in().close();
    EXPECT_EQ(program.wait(1h), 0);
}

TEST(Popen, knows_its_arguments_and_its_number) {
    Popen program(shell("echo $$"), {.out = PIPE});
    EXPECT_EQ(program.args(), shell("echo $$"));
    EXPECT_EQ(program.out().read_line(), std::to_string(program.pid()));
}

TEST(Popen, the_end_by_a_signal_is_negative) {
    for (const int signal : {SIGTERM, SIGKILL, SIGINT}) {
        Popen program({"cat"}, {.in = PIPE});
        program.send_signal(signal);
        EXPECT_EQ(program.wait(), -signal);
    }
    Popen terminated({"cat"}, {.in = PIPE});
    terminated.terminate();
    EXPECT_EQ(terminated.wait(), -SIGTERM);
    Popen killed({"cat"}, {.in = PIPE});
    killed.kill();
    EXPECT_EQ(killed.wait(), -SIGKILL);
}

TEST(Popen, a_signal_after_the_end_hits_nobody) {
    Popen program({"true"});
    cohort::wait({program});  // ended, and not reaped
    program.kill();
    EXPECT_EQ(program.wait(), 0);
    program.kill();
    program.terminate();
    program.send_signal(SIGINT);
    EXPECT_EQ(program.returncode(), 0);
}

TEST(Popen, a_signal_that_is_none_is_an_error) {
    Popen program({"cat"}, {.in = PIPE});
    EXPECT_NE(error_text(EINVAL, [&] { program.send_signal(999); }), "");
}

TEST(Popen, many_threads_wait) {
    for (int round = 0; round != 20; ++round) {
        Popen program({"cat"}, {.in = PIPE});
        std::atomic<int> sum{0};
        std::vector<std::jthread> threads;
        for (int i = 0; i != 4; ++i)
            threads.emplace_back([&, i] { sum += i % 2 == 0 ? program.wait() + 1 : program.wait(1h) + 1; });
        program.in().close();
        threads.clear();
        EXPECT_EQ(sum, 4);
    }
}

TEST(Popen, reaped_by_somebody_else_is_an_error_that_says_so) {
    Popen program(shell("exit 3"));
    ASSERT_EQ(::waitpid(program.pid(), nullptr, 0), program.pid());
    EXPECT_NE(error_text<cohort::Error>([&] { program.wait(); }).find("another part of the program has reaped it"),
              std::string::npos);
    program.kill();
    EXPECT_EQ(program.returncode(), std::nullopt);
}

TEST(Popen, ignored_children_are_reaped_by_the_kernel) {
    const cohort::os::SignalHandler ignored(SIGCHLD, SIG_IGN);
    Popen program({"true"}, {.out = PIPE});
    EXPECT_THROW(program.communicate(), cohort::Error);
}

TEST(Popen, is_waited_for_with_others) {
    Popen ends({"true"});
    Popen stays({"cat"}, kPiped);
    const auto ready = cohort::wait({stays, ends});
    ASSERT_EQ(ready.size(), 1U);
    EXPECT_EQ(ready[0], ends);
    EXPECT_EQ(cohort::wait({stays, stays.out()}, 0s).size(), 0U);
    stays.in().write("x");
    EXPECT_EQ(cohort::wait({stays, stays.out()}).at(0), stays.out());
}

TEST(Popen, moves) {
    Popen first({"cat"}, kPiped);
    Popen second(std::move(first));
    Popen third({"true"});
    third = std::move(second);
    EXPECT_EQ(third.communicate("moved").first, "moved");
}

TEST(Popen, one_that_was_moved_from_says_so) {
    Popen program({"cat"}, kPiped);
    const Popen other(std::move(program));
    // NOLINTBEGIN(bugprone-use-after-move): what is tested
    EXPECT_THROW(program.args(), ValueError);
    EXPECT_THROW(program.pid(), ValueError);
    EXPECT_THROW(program.returncode(), ValueError);
    EXPECT_THROW(program.usage(), ValueError);
    EXPECT_THROW(program.in(), ValueError);
    EXPECT_THROW(program.out(), ValueError);
    EXPECT_THROW(program.err(), ValueError);
    EXPECT_THROW(program.poll(), ValueError);
    EXPECT_THROW(program.wait(), ValueError);
    EXPECT_THROW(program.communicate(), ValueError);
    EXPECT_THROW(program.kill(), ValueError);
    EXPECT_THROW(program.sentinel(), ValueError);
    EXPECT_THROW(cohort::wait({program}), ValueError);
    // NOLINTEND(bugprone-use-after-move)
    program = Popen({"true"});
    EXPECT_EQ(program.wait(), 0);
}

TEST(Popen, the_end_of_the_scope_closes_the_streams_and_waits) {
    pid_t pid = 0;
    {
        Popen program({"cat"}, kPiped);
        pid = program.pid();
    }
    EXPECT_FALSE(cohort::os::send_signal(pid, 0));
}

TEST(Popen, one_that_is_stopped_has_not_ended) {
    Popen program({"cat"}, kPiped);
    program.send_signal(SIGSTOP);
    siginfo_t info{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(program.pid()), &info, WSTOPPED | WNOWAIT), 0);
    EXPECT_EQ(program.poll(), std::nullopt);
    EXPECT_THROW(program.wait(1ms), TimeoutExpired);
    EXPECT_THROW(program.communicate("x", 1ms), TimeoutExpired);
    program.send_signal(SIGCONT);
    EXPECT_EQ(program.communicate().first, "x");
    EXPECT_EQ(program.returncode(), 0);
}

TEST(Popen, the_end_of_the_scope_breaks_the_pipe_of_a_writer) {
    { Popen program({"yes"}, {.out = PIPE}); }
    { Popen program({"yes"}, {.out = PIPE, .err = STDOUT}); }
}

TEST(Popen, a_forked_copy_does_nothing) {
    std::optional<Popen> program(std::in_place, Words{"cat"}, kPiped);
    auto forked = cohort::os::fork_process();
    if (forked.in_child()) {
        program.reset();  // does not wait
        ::_exit(0);
    }
    EXPECT_EQ(forked.process.wait(cohort::forever), cohort::ExitStatus::exited(0));
    EXPECT_EQ(program->communicate("x").first, "x");
}

TEST(Popen, a_forked_copy_may_ask_whatever_other_threads_were_doing) {
    Popen program({"cat"}, {.in = PIPE});
    std::jthread asks([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) program.returncode();
    });
    for (int round = 0; round != 200; ++round) {
        auto forked = cohort::os::fork_process();
        if (forked.in_child()) ::_exit(program.returncode() || program.usage() ? 1 : 0);
        EXPECT_EQ(forked.process.wait(cohort::forever), cohort::ExitStatus::exited(0));
    }
}

TEST(Popen, a_forked_copy_signals_a_group_only_until_its_leader_is_reaped) {
    Popen program({"cat"}, {.in = PIPE, .kill_group = true});
    auto forked = cohort::os::fork_process();
    if (forked.in_child()) {
        program.kill();
        ::_exit(0);
    }
    EXPECT_EQ(forked.process.wait(cohort::forever), cohort::ExitStatus::exited(0));
    EXPECT_EQ(program.wait(), -SIGKILL);

    const Gate gate;
    Popen other(shell("sleep 1000 >&- & echo $!"), {.out = PIPE, .kill_group = true});
    const pid_t member = std::stoi(*other.out().read_line());
    auto second = cohort::os::fork_process();
    if (second.in_child()) {
        std::byte word[1];
        cohort::os::read_some(gate.number(), word);
        other.kill();
        ::_exit(0);
    }
    EXPECT_EQ(other.wait(), 0);
    gate.open();
    EXPECT_EQ(second.process.wait(cohort::forever), cohort::ExitStatus::exited(0));
    EXPECT_TRUE(cohort::os::send_signal(member, 0));
    cohort::os::send_signal(member, SIGKILL);
}

TEST(Popen, streams_that_are_no_pipes_are_an_error) {
    Popen program({"true"}, {.in = DEVNULL});
    EXPECT_THROW(program.in(), ValueError);
    EXPECT_THROW(program.out(), ValueError);
    EXPECT_THROW(program.err(), ValueError);
}

TEST(Stream, dialogue_line_by_line) {
    Popen program(shell("while read line; do echo \"<$line>\"; done"), kPiped);
    for (int i = 0; i != 100; ++i) {
        program.in().write("line " + std::to_string(i) + "\n");
        program.in().flush();
        EXPECT_EQ(program.out().read_line(), "<line " + std::to_string(i) + ">");
    }
    program.in().close();
    EXPECT_TRUE(program.in().closed());
    EXPECT_EQ(program.out().read_line(), std::nullopt);
    EXPECT_EQ(program.wait(), 0);
}

TEST(Stream, reads_bytes_lines_and_the_rest) {
    Popen program(shell("printf 'abcdef\\nsecond\\n\\nlast'"), {.out = PIPE});
    EXPECT_EQ(program.out().read(3), "abc");
    EXPECT_EQ(program.out().read_line(), "def");
    EXPECT_EQ(program.out().read_line(), "second");
    EXPECT_EQ(program.out().read_line(), "");
    EXPECT_EQ(program.out().read(2), "la");
    EXPECT_EQ(program.out().read(), "st");
    EXPECT_EQ(program.out().read(), "");
    EXPECT_EQ(program.out().read_some(), "");
    EXPECT_EQ(program.out().read_line(), std::nullopt);
}

TEST(Stream, the_last_line_may_have_no_newline) {
    Popen program(shell("printf 'one\\ntwo'"), {.out = PIPE});
    EXPECT_EQ(program.out().read_line(), "one");
    EXPECT_EQ(program.out().read_line(), "two");
    EXPECT_EQ(program.out().read_line(), std::nullopt);
}

TEST(Stream, many_lines) {
    Popen program(shell("seq 100000"), {.out = PIPE});
    std::size_t count = 0;
    while (auto line = program.out().read_line()) EXPECT_EQ(*line, std::to_string(++count));
    EXPECT_EQ(count, 100'000U);
}

TEST(Stream, a_timeout_loses_nothing) {
    Gate gate;
    Popen program(shell("printf pros; " + gate.wait() + "; echo it"), {.out = PIPE, .pass_fds = {gate.number()}});
    EXPECT_EQ(program.out().read(2), "pr");
    EXPECT_THROW(program.out().read_line(1ms), TimeoutError);
    EXPECT_THROW(program.out().read(100, 0s), TimeoutError);
    EXPECT_EQ(program.out().read_some(), "os");
    EXPECT_THROW(program.out().read_some(1ms), TimeoutError);
    gate.open();
    EXPECT_EQ(program.out().read_line(), "it");
}

TEST(Stream, write_waits_for_room) {
    Gate gate;
    Popen program(shell(gate.wait() + "; wc -c"), {.in = PIPE, .out = PIPE, .pass_fds = {gate.number()}});
    EXPECT_THROW(program.in().write(std::string(1 << 20, 'x'), 1ms), TimeoutError);
    gate.open();
    program.in().write(std::string(1 << 20, 'x'));
    program.in().close();
    EXPECT_GE(std::stoul(program.out().read()), std::size_t{1} << 20);
}

TEST(Stream, a_program_that_reads_no_more_is_an_error_and_no_signal) {
    Popen program({"true"}, {.in = PIPE});
    program.wait();
    EXPECT_NE(error_text(EPIPE, [&] { program.in().write("x"); }), "");
}

TEST(Stream, a_closed_one_is_an_error) {
    Popen program({"cat"}, kPiped);
    EXPECT_GT(program.in().fileno(), 2);
    EXPECT_GT(program.out().fileno(), 2);
    program.in().close();
    program.out().close();
    EXPECT_THROW(program.in().write("x"), ValueError);
    EXPECT_THROW(program.out().read(), ValueError);
    EXPECT_THROW(program.out().read_line(), ValueError);
    EXPECT_THROW(program.in().fileno(), ValueError);
    EXPECT_THROW(program.out().fileno(), ValueError);
}

TEST(Stream, that_was_made_non_blocking_waits) {
    Gate gate;
    const std::string script = gate.wait() + "; echo one; " + gate.wait() + "; echo two";
    Popen program(shell(script), {.out = PIPE, .pass_fds = {gate.number()}});
    cohort::os::set_nonblocking(program.out().fileno(), true);
    std::jthread opens([&] { gate.open(); });
    EXPECT_EQ(program.out().read_line(), "one");
    EXPECT_THROW(program.out().read_line(0s), TimeoutError);
    gate.open();
    EXPECT_EQ(program.communicate().first, "two\n");
}

TEST(Stream, another_program_may_write_to_it_too) {
    constexpr std::size_t kMebibyte = std::size_t{1} << 20;
    Gate gate;
    Popen reader(shell(gate.wait() + "; wc -c"), {.in = PIPE, .out = PIPE, .pass_fds = {gate.number()}});
    reader.in().write("x");
    reader.in().write("x", 1h);
    // More than the pipe holds: it has to wait.
    Popen writer({"head", "-c", std::to_string(kMebibyte), "/dev/zero"}, {.out = reader.in()});
    reader.in().close();
    gate.open();
    EXPECT_EQ(writer.wait(), 0);
    EXPECT_EQ(reader.communicate().first, std::to_string(kMebibyte + 2) + "\n");
}

TEST(Stream, is_blocking_again_after_a_timeout) {
    Popen reader({"sleep", "1000"}, {.in = PIPE});
    const auto is_blocking = [&] { return (::fcntl(reader.in().fileno(), F_GETFL) & O_NONBLOCK) == 0; };
    EXPECT_THROW(reader.in().write(std::string(1 << 20, 'x'), 0s), TimeoutError);
    EXPECT_TRUE(is_blocking());
    EXPECT_THROW(reader.communicate(std::string(1 << 20, 'x'), 0s), TimeoutExpired);
    EXPECT_TRUE(is_blocking());
    reader.kill();
}

TEST(Stream, one_program_reads_what_another_writes) {
    Popen first(shell("seq 10"), {.out = PIPE});
    Popen second({"tail", "-n", "1"}, {.in = first.out(), .out = PIPE});
    first.out().close();
    EXPECT_EQ(second.communicate().first, "10\n");
}

}  // namespace
