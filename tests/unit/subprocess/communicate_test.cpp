// SPDX-License-Identifier: MIT
// Python's tests of communicate(), and what nobody may wait for.
#include <cohort/subprocess/popen.hpp>
#include <cohort/subprocess/run.hpp>

#include "os/signals.hpp"
#include "programs.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace cohort::subprocess;
using namespace std::chrono_literals;
using cohort::ValueError;
using cohort::test::Gate;
using cohort::test::shell;
using cohort::test::Words;

using Outputs = std::pair<std::string, std::string>;

const PopenOptions kAllPipes{.in = PIPE, .out = PIPE, .err = PIPE};

TEST(Communicate, one_stream) {
    Popen in(shell("read word; test $word = pear"), {.in = PIPE});
    in.communicate("pear\n");
    EXPECT_EQ(in.returncode(), 0);
    EXPECT_EQ(Popen({"echo", "pineapple"}, {.out = PIPE}).communicate(), Outputs("pineapple\n", ""));
    EXPECT_EQ(Popen(shell("echo pineapple >&2"), {.err = PIPE}).communicate(), Outputs("", "pineapple\n"));
}

TEST(Communicate, all_streams) {
    Popen program(shell("printf pineapple >&2; cat"), kAllPipes);
    EXPECT_EQ(program.communicate("banana"), Outputs("banana", "pineapple"));
    EXPECT_EQ(program.returncode(), 0);
}

TEST(Communicate, without_pipes_waits) {
    Popen program(shell("exit 47"));
    EXPECT_EQ(program.communicate(), Outputs("", ""));
    EXPECT_EQ(program.returncode(), 47);
}

TEST(Communicate, what_was_written_before_comes_first) {
    Popen program({"cat"}, kAllPipes);
    program.in().write("banana ");
    EXPECT_EQ(program.communicate("split"), Outputs("banana split", ""));
}

TEST(Communicate, empty_input_ends_at_once) {
    EXPECT_EQ(Popen({"cat"}, kAllPipes).communicate(), Outputs("", ""));
}

TEST(Communicate, any_sizes_in_all_streams) {
    constexpr std::size_t kMebibyte = std::size_t{1} << 20;
    std::string input;
    for (std::size_t i = 0; input.size() < 8 * kMebibyte; ++i) input += std::to_string(i) + "\n";
    // Much of both outputs comes before anything is read.
    Popen program(shell("head -c 3000000 /dev/zero; head -c 2000000 /dev/zero >&2; tee /dev/stderr"), kAllPipes);
    const auto [out, err] = program.communicate(input);
    EXPECT_EQ(program.returncode(), 0);
    EXPECT_TRUE(out == std::string(3'000'000, '\0') + input);
    EXPECT_TRUE(err == std::string(2'000'000, '\0') + input);
}

TEST(Communicate, a_program_that_closes_its_input_is_no_error) {
    const std::string input(1 << 20, 'x');
    EXPECT_EQ(Popen({"true"}, {.in = PIPE}).communicate(input), Outputs());
    Popen closes(shell("exec <&-; sleep 0.05; echo done"), kAllPipes);
    EXPECT_EQ(closes.communicate(input), Outputs("done\n", ""));
    EXPECT_EQ(run({"true"}, {.input = input}).returncode, 0);
}

std::atomic<int> broken_pipes{0};

TEST(Communicate, a_broken_pipe_is_no_signal_here) {
    const cohort::os::SignalHandler handler(SIGPIPE, [](int) { ++broken_pipes; });
    EXPECT_EQ(run({"true"}, {.input = std::string(1 << 20, 'x')}).returncode, 0);
    EXPECT_EQ(broken_pipes, 0);
    ::raise(SIGPIPE);  // one that is not ours still comes
    EXPECT_EQ(broken_pipes, 1);
}

std::atomic<int> interruptions{0};

TEST(Communicate, goes_on_after_handlers_have_run) {
    const cohort::os::SignalHandler handler(SIGUSR1, [](int) { ++interruptions; });  // no SA_RESTART
    const std::string input(4 << 20, 'x');
    const pthread_t waits = ::pthread_self();
    std::jthread interrupts([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            ::pthread_kill(waits, SIGUSR1);
            std::this_thread::yield();
        }
    });
    while (interruptions == 0) std::this_thread::yield();
    EXPECT_TRUE(run({"cat"}, {.input = input, .out = PIPE}).out == input);
    EXPECT_TRUE(run({"cat"}, {.input = input, .out = PIPE, .timeout = 1h}).out == input);
    Popen program({"wc", "-c"}, kAllPipes);
    program.in().write(input);
    program.in().close();
    EXPECT_EQ(program.out().read_line(), std::to_string(input.size()));
    EXPECT_EQ(program.wait(), 0);
}

/// Communicates in short spans until both streams have given something.
TimeoutExpired expire_with_output(Popen& program, std::string input) {
    for (;; input.clear()) {
        try {
            program.communicate(std::exchange(input, {}), 5ms);
        } catch (const TimeoutExpired& error) {
            if (!error.out.empty() && !error.err.empty()) return error;
        }
    }
}

TEST(Communicate, goes_on_after_a_timeout_with_nothing_lost) {
    Gate gate;
    Popen program(shell("echo first; echo pineapple >&2; " + gate.wait() + "; cat"),
                  {.in = PIPE, .out = PIPE, .err = PIPE, .pass_fds = {gate.number()}});
    const std::string input(1 << 20, 'x');
    const TimeoutExpired expired = expire_with_output(program, input);
    EXPECT_EQ(expired.out, "first\n");
    EXPECT_EQ(expired.err, "pineapple\n");
    EXPECT_EQ(expired.cmd, program.args());
    EXPECT_EQ(program.returncode(), std::nullopt);
    EXPECT_THROW(program.communicate("more"), ValueError);
    gate.open();
    const auto [out, err] = program.communicate();
    EXPECT_TRUE(out == "first\n" + input);
    EXPECT_EQ(err, "pineapple\n");
    EXPECT_EQ(program.returncode(), 0);
}

TEST(Communicate, large_output_and_timeouts) {
    Popen program(shell("head -c 4000000 /dev/zero"), {.out = PIPE});
    for (;;) {
        try {
            EXPECT_EQ(program.communicate({}, 1ms).first.size(), 4'000'000U);
            return;
        } catch (const TimeoutExpired&) {
        }
    }
}

TEST(Communicate, a_stream_may_be_closed_before) {
    Popen program(shell("echo err >&2; echo out"), kAllPipes);
    program.in().close();
    program.out().close();
    EXPECT_EQ(program.communicate(), Outputs("", "err\n"));
    EXPECT_EQ(program.communicate(), Outputs("", ""));  // a repeated call
}

TEST(Communicate, what_a_stream_has_read_ahead_is_there) {
    Popen program(shell("echo one; echo two; echo three"), {.out = PIPE});
    EXPECT_EQ(program.out().read_line(), "one");
    EXPECT_EQ(program.communicate().first, "two\nthree\n");
}

TEST(Communicate, input_needs_a_pipe) {
    Popen program({"true"});
    EXPECT_THROW(program.communicate("x"), ValueError);
}

TEST(Communicate, lines_go_to_a_function) {
    Words lines;
    Words errors;
    const auto done = run(shell("printf 'one\\n\\ntwo'; printf 'a\\n' >&2"),
                          {.on_out = [&](std::string_view line) { lines.emplace_back(line); },
                           .on_err = [&](std::string_view line) { errors.emplace_back(line); }});
    EXPECT_EQ(lines, Words({"one", "", "two"}));
    EXPECT_EQ(errors, Words({"a"}));
    EXPECT_EQ(done.out, "");
    EXPECT_THROW(run({"true"}, {.out = DEVNULL, .on_out = [](std::string_view) {}}), ValueError);
}

TEST(Communicate, many_lines_in_bounded_memory) {
    std::size_t count = 0;
    run(shell("seq 300000"), {.on_out = [&](std::string_view line) { EXPECT_EQ(line, std::to_string(++count)); }});
    EXPECT_EQ(count, 300'000U);
}

TEST(Communicate, a_line_function_that_throws_ends_the_program) {
    std::size_t count = 0;
    auto third = [&](std::string_view) {
        if (++count == 3) throw std::out_of_range("third");
    };
    EXPECT_THROW(run({"yes"}, {.on_out = third}), std::out_of_range);
    EXPECT_EQ(count, 3U);
}

TEST(Communicate, lines_go_on_after_a_function_has_thrown) {
    Words lines;
    Popen program(shell("seq 5"), {.on_out = [&](std::string_view line) {
                      lines.emplace_back(line);
                      if (line == "2") throw std::out_of_range("2");
                  }});
    EXPECT_THROW(program.communicate(), std::out_of_range);
    program.communicate();
    EXPECT_EQ(lines, Words({"1", "2", "3", "4", "5"}));
}

TEST(Communicate, a_line_function_may_use_the_streams) {
    const Gate gate;
    Words lines;
    std::optional<Popen> program;
    auto use = [&](std::string_view line) {
        lines.emplace_back(line);
        if (line == "1") {
            gate.open();
            lines.push_back(*program->out().read_line());
        }
        if (line == "2") {
            EXPECT_EQ(program->communicate(), Outputs());
        }
        EXPECT_TRUE(line.size() <= 6 && line.find_first_not_of("0123456789") == line.npos) << line;
    };
    program.emplace(shell("printf '1\\n2\\n'; " + gate.wait() + "; seq 3 100000"),
                    PopenOptions{.out = PIPE, .pass_fds = {gate.number()}, .on_out = use});
    program->communicate();
    ASSERT_EQ(lines.size(), 100'000U);
    EXPECT_EQ(Words(lines.begin(), lines.begin() + 4), Words({"1", "3", "2", "4"}));
    EXPECT_EQ(lines.back(), "100000");
}

TEST(Communicate, lines_may_be_read_between_two_calls) {
    const Gate gate;
    Words lines;
    Popen program(shell("printf '1\\n2\\n3\\npart'; " + gate.wait() + "; echo; echo 4"),
                  {.out = PIPE, .pass_fds = {gate.number()}, .on_out = [&](std::string_view line) {
                       lines.emplace_back(line);
                       if (line == "1") throw std::out_of_range("1");
                   }});
    EXPECT_THROW(program.communicate(), std::out_of_range);
    EXPECT_EQ(program.out().read_line(), "2");
    EXPECT_THROW(program.communicate({}, 0s), TimeoutExpired);
    EXPECT_EQ(program.out().read(2), "pa");
    gate.open();
    program.communicate();
    EXPECT_EQ(lines, Words({"1", "3", "rt", "4"}));
}

TEST(Communicate, a_line_function_may_close_the_stream) {
    std::optional<Popen> program;
    program.emplace(Words{"yes"},
                    PopenOptions{.out = PIPE, .on_out = [&](std::string_view) { program->out().close(); }});
    program->communicate();
    EXPECT_EQ(program->returncode(), -SIGPIPE);
}

}  // namespace
