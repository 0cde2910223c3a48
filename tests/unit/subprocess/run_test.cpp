// SPDX-License-Identifier: MIT
#include <cohort/subprocess/popen.hpp>
#include <cohort/subprocess/run.hpp>

#include "programs.hpp"
#include "support/leak_check.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <sstream>
#include <string>
#include <utility>

namespace {

using namespace cohort::subprocess;
using namespace std::chrono_literals;
using cohort::ValueError;
using cohort::test::shell;

TEST(Call, gives_the_exit_status) {
    EXPECT_EQ(call({"true"}), 0);
    EXPECT_EQ(call(shell("exit 47")), 47);
    EXPECT_EQ(call(shell("kill -9 $$")), -SIGKILL);
}

TEST(Call, kills_after_the_timeout) {
    EXPECT_THROW(call({"sleep", "100"}, {.timeout = 10ms}), TimeoutExpired);
}

TEST(CheckCall, throws_for_a_failure) {
    EXPECT_EQ(check_call({"true"}), 0);
    try {
        check_call(shell("exit 47"));
        FAIL();
    } catch (const CalledProcessError& error) {
        EXPECT_EQ(error.returncode, 47);
        EXPECT_EQ(error.cmd, shell("exit 47"));
    }
}

TEST(CheckOutput, gives_the_output) {
    EXPECT_EQ(check_output({"echo", "BDFL"}), "BDFL\n");
    EXPECT_EQ(check_output(shell("echo BDFL >&2"), {.err = STDOUT}), "BDFL\n");
    EXPECT_EQ(check_output({"cat"}, {.input = "pear"}), "pear");
}

TEST(CheckOutput, throws_for_a_failure_with_the_output) {
    try {
        check_output(shell("echo before; exit 5"));
        FAIL();
    } catch (const CalledProcessError& error) {
        EXPECT_EQ(error.returncode, 5);
        EXPECT_EQ(error.out, "before\n");
    }
}

TEST(CheckOutput, sets_out_itself) {
    EXPECT_THROW(check_output({"true"}, {.out = DEVNULL}), ValueError);
}

TEST(CheckOutput, after_a_timeout_has_the_output_so_far) {
    try {
        check_output(shell("printf BDFL; exec sleep 100"), {.timeout = 3s});
        FAIL();
    } catch (const TimeoutExpired& error) {
        EXPECT_EQ(error.out, "BDFL");
        EXPECT_EQ(error.timeout.duration(), 3s);
        EXPECT_STREQ(error.what(), "Command 'sh -c \"printf BDFL; exec sleep 100\"' timed out after 3 seconds");
    }
}

TEST(Run, checks_only_when_told) {
    EXPECT_EQ(run(shell("exit 47")).returncode, 47);
    EXPECT_THROW(run(shell("exit 47"), {.check = true}), CalledProcessError);
    EXPECT_EQ(run({"true"}, {.check = true}).returncode, 0);
}

TEST(Run, completed_process_checks_later) {
    const CompletedProcess failed = run(shell("echo out; echo err >&2; exit 3"), {.capture_output = true});
    EXPECT_EQ(failed.args, shell("echo out; echo err >&2; exit 3"));
    EXPECT_EQ(failed.out, "out\n");
    EXPECT_EQ(failed.err, "err\n");
    try {
        failed.check_returncode();
        FAIL();
    } catch (const CalledProcessError& error) {
        EXPECT_EQ(error.returncode, 3);
        EXPECT_EQ(error.out, "out\n");
        EXPECT_EQ(error.err, "err\n");
        EXPECT_STREQ(error.what(),
                     "Command 'sh -c \"echo out; echo err >&2; exit 3\"' returned non-zero exit status 3.");
    }
    EXPECT_NO_THROW(run({"true"}).check_returncode());
}

TEST(Run, contradicting_options_are_an_error) {
    EXPECT_THROW(run({"true"}, {.input = "x", .in = DEVNULL}), ValueError);
    EXPECT_THROW(run({"true"}, {.capture_output = true, .out = PIPE}), ValueError);
    EXPECT_THROW(run({"true"}, {.capture_output = true, .err = STDOUT}), ValueError);
    EXPECT_THROW(run({"true"}, {.in = STDOUT}), ValueError);
    EXPECT_THROW(run({"true"}, {.out = STDOUT}), ValueError);
}

TEST(Run, input_may_be_bytes_of_any_kind_or_none) {
    const std::string bytes("a\0b\xff\n", 5);
    EXPECT_EQ(run({"cat"}, {.input = bytes, .out = PIPE}).out, bytes);
    EXPECT_EQ(run({"cat"}, {.input = "", .out = PIPE}).out, "");
}

TEST(Run, tells_what_was_used) {
    const auto usage = run({"true"}).usage;
    EXPECT_GT(usage.max_resident, 0U);
    EXPECT_GT(usage.minor_faults, 0U);
}

TEST(Run, prints_as_in_python) {
    std::ostringstream text;
    text << run({"echo", "x y", "it's"}, {.capture_output = true});
    EXPECT_EQ(text.str(), R"(CompletedProcess(args=['echo', 'x y', "it's"], returncode=0, out="x y it's\n"))");
}

TEST(GetOutput, gives_the_status_and_the_output_without_the_last_newline) {
    EXPECT_EQ(getstatusoutput("echo xyzzy; echo >&2; exit 3"), std::pair(3, std::string("xyzzy\n")));
    EXPECT_EQ(getoutput("echo xyzzy"), "xyzzy");
    EXPECT_EQ(getoutput("printf xyzzy"), "xyzzy");
    EXPECT_EQ(getstatusoutput("kill -9 $$").first, -SIGKILL);
    EXPECT_NE(getstatusoutput("cat " + cohort::test::temporary_folder() + "/none").first, 0);
}

TEST(Errors, name_the_signal) {
    const CalledProcessError error(-SIGKILL, {"a b", "c"}, "", "");
    EXPECT_STREQ(error.what(), "Command '\"a b\" c' died with <Signals.SIGKILL: 9>.");
    EXPECT_STREQ(CalledProcessError(-255, {"x"}, "", "").what(), "Command 'x' died with <Signals.signal 255: 255>.");
}

TEST(Errors, have_one_base) {
    EXPECT_THROW(throw CalledProcessError(1, {"x"}, "", ""), SubprocessError);
    EXPECT_THROW(throw TimeoutExpired({"x"}, 1s), SubprocessError);
    EXPECT_THROW(throw TimeoutExpired({"x"}, 1s), cohort::Error);
}

}  // namespace
