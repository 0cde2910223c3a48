// SPDX-License-Identifier: MIT
// What needs a whole program: its exit, its output, its executable.
#include "conformance/start_methods.hpp"
#include "programs/runner.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <set>
#include <sstream>

namespace cohort::test {
namespace {

namespace fs = std::filesystem;

class Programs : public StartMethods {
protected:
    static std::string method() { return std::string(to_string(GetParam())); }
};
class TestNoForkBomb : public Programs {};

INSTANTIATE_TEST_SUITE_P(, Programs, kEveryStartMethod, name_of);
INSTANTIATE_TEST_SUITE_P(, TestNoForkBomb, kEveryStartMethod, name_of);

TEST_P(Programs, each_process_runs_its_own_exit_handlers) {
    Program program("at_exit", {method()});
    EXPECT_EQ(program.out(), "work\nchild's handler\nmain's handler\nstatic of main destroyed\n");
    EXPECT_EQ(program.wait(), 0);
}

TEST_P(Programs, buffered_output_is_printed_once_and_in_order) {
    for (const char* kind : {"stdio", "iostreams"}) {
        Program program("buffered_output", {method(), kind});
        EXPECT_EQ(program.out(), "one two three\n") << kind;
        EXPECT_EQ(program.err(), "log ") << kind;
        EXPECT_EQ(program.wait(), 0) << kind;
    }
}

TEST_P(TestNoForkBomb, noforkbomb) {
    Program program("no_main_guard", {method()});
    EXPECT_EQ(program.out(), "main\n123\n");
    EXPECT_EQ(program.err(), "");
    EXPECT_EQ(program.wait(), 0);
}

TEST_P(TestNoForkBomb, in_a_strange_environment) {
    Program program("strange_environment", {method()});
    EXPECT_EQ(program.out(), "main\n123\n");
    EXPECT_EQ(program.err(), "");
    EXPECT_EQ(program.wait(), 0);
}

TEST_P(Programs, started_without_stdin) {
    Program program("no_main_guard", {method()}, {.close_stdin = true});
    EXPECT_EQ(program.out(), "main\n123\n");
    EXPECT_EQ(program.err(), "");
    EXPECT_EQ(program.wait(), 0);
}

TEST_P(Programs, overwritten_arguments) {
    Program program("changed_arguments", {method()});
    EXPECT_EQ(program.out(), "child\n");
    EXPECT_EQ(program.err(), "");
    EXPECT_EQ(program.wait(), 0);
}

TEST_P(Programs, deleted_executable) {
    const std::string copy = file("copy");
    fs::copy_file(Program::path_of("deleted_executable"), copy);
    Program program("deleted_executable", {method()}, {.path = copy});
    EXPECT_EQ(program.out(), "same\nsame\n");
    EXPECT_EQ(program.err(), "");
    EXPECT_EQ(program.wait(), 0);
}

TEST_P(Programs, interrupted) {
    Program program("joins_forever", {method()});
    EXPECT_EQ(program.line(), "ready");
    EXPECT_EQ(program.line(), "ready");
    program.interrupt();
    EXPECT_EQ(program.wait(), -SIGINT);  // a shell says 130
    EXPECT_EQ(program.out(), "");        // no process is left that could write
    EXPECT_EQ(program.err(), "");
}

TEST_P(Programs, running_children_are_joined_and_the_status_is_mains) {
    const Mailbox release = mailbox();
    Program program("leaves_children_running", {method(), release.path});
    EXPECT_EQ(program.line(), "child waits");
    release.post("released");
    EXPECT_EQ(program.line(), "released");
    EXPECT_EQ(program.wait(), 3);
}

TEST_P(Programs, a_child_that_the_program_has_reaped_hinders_no_other) {
    const Mailbox release = mailbox();
    Program program("reaps_everything", {method(), release.path});
    EXPECT_EQ(program.line(), "main ends");
    release.post("joined");
    EXPECT_EQ(program.line(), "joined");
    EXPECT_EQ(program.wait(), 4);
}

TEST_P(Programs, a_daemon_that_ignores_sigterm_is_killed) {
    Program program("stubborn_daemon", {method()});
    EXPECT_EQ(program.wait(), 0);
    const std::string daemon = program.out();
    if (!daemon.empty()) {  // it was ended before it had begun
        EXPECT_FALSE(is_running(std::stoi(daemon)));
    }
}

TEST_P(Programs, raw_fork_does_not_delay_the_end) {
    Program program("raw_fork", {method()});
    EXPECT_EQ(program.line(), "child is untouched");
    const pid_t copy = std::stoi(program.line());
    EXPECT_EQ(program.wait(), 0);
    EXPECT_TRUE(is_running(copy));
    ::kill(copy, SIGKILL);
    EXPECT_EQ(program.out(), "-15\n");
}

TEST_P(Programs, coverage_data_of_a_child_are_written) {
    Program program("covered", {method()}, {.environment = {"GCOV_PREFIX=" + file("coverage")}});
    EXPECT_EQ(program.wait(), 0);
    std::size_t files = 0;
    ASSERT_TRUE(fs::exists(file("coverage")));
    for (const auto& entry : fs::recursive_directory_iterator(file("coverage")))
        files += entry.path().extension() == ".gcda";
    EXPECT_EQ(files, 1U);
}

TEST(ExitOrder, daemons_end_then_the_others_are_joined) {
    Program program("exit_order", {});
    EXPECT_EQ(program.out(), "daemon ready\nmain ends\ndaemon ended\nchild ended\nstatic destroyed\n");
    EXPECT_EQ(program.wait(), 3);
}

TEST(StartMethodChoice, asking_fixes_the_default) {
    Program program("start_method_choice", {});
    EXPECT_EQ(program.out(), "fork\ncontext has already been set\nspawn\n");
    EXPECT_EQ(program.wait(), 0);
}

TEST(ForkServerPreload, one_that_throws_makes_start_fail) {
    Program program("preload_fails", {});
    EXPECT_EQ(program.out(), "error: the forkserver died while it started a child, twice in a row\n");
    const std::string reason = program.err();
    EXPECT_NE(reason.find("std::runtime_error: no such table"), std::string::npos) << reason;
    EXPECT_EQ(program.wait(), 0);
}

TEST(ForkServerPreload, std_streams_flushed_after_preload) {
    Program program("preload_prints", {});
    EXPECT_EQ(program.out(), "preload ok\n");
    EXPECT_EQ(program.err(), "");
    EXPECT_EQ(program.wait(), 0);
}

}  // namespace
}  // namespace cohort::test
