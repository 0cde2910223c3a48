// SPDX-License-Identifier: MIT
// What the options do to the program.
#include <cohort/channel/wait.hpp>
#include <cohort/subprocess/popen.hpp>
#include <cohort/subprocess/run.hpp>

#include "os/affinity.hpp"
#include "os/fork.hpp"
#include "os/limits.hpp"
#include "os/poll.hpp"
#include "os/signals.hpp"
#include "programs.hpp"
#include "support/leak_check.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cohort::subprocess;
using namespace std::chrono_literals;
using cohort::Descriptor;
using cohort::test::Gate;
using cohort::test::list_descriptors;
using cohort::test::shell;
using cohort::test::temporary_folder;
using cohort::test::Words;

std::string output_of(const std::string& script, RunOptions options = {}) {
    return check_output(shell(script), std::move(options));
}

TEST(WorkingDirectory, is_that_of_the_program) {
    const std::string here = std::filesystem::current_path();
    EXPECT_EQ(output_of("pwd -P"), here + "\n");
    EXPECT_EQ(output_of("pwd -P", {.cwd = "/"}), "/\n");
    EXPECT_EQ(output_of("pwd -P", {.cwd = std::filesystem::path("/proc")}), "/proc\n");
}

TEST(WorkingDirectory, is_where_a_relative_program_is_found) {
    EXPECT_EQ(check_output({"./sh", "-c", "echo x"}, {.cwd = "/bin"}), "x\n");
    EXPECT_EQ(check_output({"sh", "-c", "echo x"}, {.cwd = "/bin", .env = {{"PATH", ""}}}), "x\n");
}

TEST(ProgramEnvironment, is_inherited_replaced_or_extended) {
    ::setenv("COHORT_TEST_FRUIT", "orange", 1);
    const std::string print = "echo ${COHORT_TEST_FRUIT-none} ${HOME-none} ${OTHER-none}";
    const std::string home = std::getenv("HOME") ? std::getenv("HOME") : "none";
    EXPECT_EQ(output_of(print), "orange " + home + " none\n");
    EXPECT_EQ(output_of(print, {.env = {{"OTHER", "x"}}}), "none none x\n");
    EXPECT_EQ(output_of(print, {.env = Environment::extend({{"OTHER", "x"}, {"COHORT_TEST_FRUIT", "pear"}})}),
              "pear " + home + " x\n");
    EXPECT_EQ(output_of(print, {.env = Environment::extend({{"COHORT_TEST_FRUIT", std::nullopt}})}),
              "none " + home + " none\n");
    ::unsetenv("COHORT_TEST_FRUIT");
}

TEST(ProgramEnvironment, may_be_empty) {
    EXPECT_EQ(check_output({"env"}, {.env = Environment::Variables{}}), "");  // found without any PATH
    EXPECT_EQ(check_output({"env"}, {.env = {{"EMPTY", ""}}}), "EMPTY=\n");
}

TEST(Executable, is_another_file_than_the_first_argument) {
    EXPECT_EQ(check_output({"another name", "-c", "echo $0"}, {.executable = "/bin/sh"}), "another name\n");
    EXPECT_EQ(check_output({"name", "x"}, {.executable = "echo"}), "x\n");
}

TEST(Shell, runs_a_script_with_arguments) {
    EXPECT_EQ(check_output({"echo $((2 + 3))"}, {.shell = true}), "5\n");
    EXPECT_EQ(check_output({"echo $0 $1", "zero", "one two"}, {.shell = true}), "zero one two\n");
    EXPECT_EQ(check_output({"echo $0"}, {.shell = true, .executable = "/bin/bash"}), "/bin/bash\n");
    EXPECT_EQ(call({"no-such-command-anywhere"}, {.err = DEVNULL, .shell = true}), 127);
}

TEST(PassedDescriptors, are_all_that_crosses) {
    const Descriptor inherited(::open("/dev/null", O_RDONLY));  // not closed on exec
    const Descriptor passed(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const std::string number = std::to_string(passed.get());
    EXPECT_EQ(output_of(list_descriptors()), "0 1 2 ");
    EXPECT_EQ(output_of(list_descriptors(), {.pass_fds = {passed.get()}}), "0 1 2 " + number + " ");
    EXPECT_EQ(output_of(list_descriptors(), {.pass_fds = {passed.get(), passed.get(), 0, 1, 2}}),
              "0 1 2 " + number + " ");
    EXPECT_EQ(::fcntl(passed.get(), F_GETFD), FD_CLOEXEC);
}

TEST(PassedDescriptors, all_cross_that_are_not_closed_on_exec_when_told_so) {
    const Descriptor inherited(::open("/dev/null", O_RDONLY));
    const Descriptor closed(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const std::string listed =
        output_of("test -e /proc/self/fd/" + std::to_string(inherited.get()) + " && test ! -e /proc/self/fd/" +
                      std::to_string(closed.get()) + "&& echo yes",
                  {.close_fds = false});
    EXPECT_EQ(listed, "yes\n");
    // As in Python, what is passed says which.
    EXPECT_EQ(output_of(list_descriptors(), {.pass_fds = {closed.get()}, .close_fds = false}),
              "0 1 2 " + std::to_string(closed.get()) + " ");
}

TEST(PassedDescriptors, those_above_a_limit_that_was_lowered_do_not_cross) {
    constexpr int kLimit = 100;
    const Descriptor above(::fcntl(STDERR_FILENO, F_DUPFD, 2 * kLimit));  // not closed on exec
    ASSERT_GE(above.get(), 2 * kLimit);
    const auto before = cohort::os::resource_limit(RLIMIT_NOFILE);
    cohort::os::set_resource_limit(RLIMIT_NOFILE, {kLimit, before.hard});
    const std::string listed = output_of(list_descriptors());
    cohort::os::set_resource_limit(RLIMIT_NOFILE, before);
    EXPECT_EQ(listed, "0 1 2 ");
}

TEST(PassedDescriptors, many) {
    std::vector<Descriptor> files;
    RunOptions options;
    for (int i = 0; i != 50; ++i) {
        files.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        if (i % 3 == 0) options.pass_fds.push_back(files.back().get());
    }
    EXPECT_EQ(output_of("ls /proc/self/fd | wc -l", options), "21\n");  // and one to read the list
}

/// The fields of /proc/<pid>/stat after the name: state, parent, group, session.
std::string stat_of_program(RunOptions options) {
    return output_of(
        "read pid name state parent group session rest < /proc/$$/stat;"
        "test $group = $pid && echo leads group; test $session = $pid && echo leads session; true",
        std::move(options));
}

TEST(ProcessGroup, is_this_ones_or_its_own) {
    EXPECT_EQ(stat_of_program({}), "");
    EXPECT_EQ(stat_of_program({.process_group = 0}), "leads group\n");
    EXPECT_EQ(stat_of_program({.kill_group = true}), "leads group\n");
    EXPECT_EQ(stat_of_program({.start_new_session = true}), "leads group\nleads session\n");
    EXPECT_EQ(stat_of_program({.kill_group = true, .start_new_session = true}), "leads group\nleads session\n");
}

TEST(ProcessGroup, another_one_can_be_joined) {
    Popen leader({"cat"}, {.in = PIPE, .process_group = 0});
    Popen member(shell("read pid name state parent group rest < /proc/$$/stat; echo $group"),
                 {.out = PIPE, .process_group = leader.pid()});
    EXPECT_EQ(member.communicate().first, std::to_string(leader.pid()) + "\n");
}

TEST(KillGroup, a_timeout_ends_the_whole_group) {
    // The pipe is at its end only when the grandchild has gone, too.
    Popen program(shell("sleep 1000 & echo $!; wait"), {.out = PIPE, .kill_group = true});
    const std::string grandchild = *program.out().read_line();
    program.kill();
    EXPECT_EQ(program.out().read(), "");
    EXPECT_EQ(program.wait(), -SIGKILL);
    EXPECT_THROW(run(shell("sleep 1000 & wait"), {.capture_output = true, .timeout = 20ms, .kill_group = true}),
                 TimeoutExpired);
}

TEST(KillGroup, members_are_hit_though_the_leader_has_ended) {
    Popen program(shell("sleep 1000 & exit 3"), {.out = PIPE, .kill_group = true});
    cohort::wait({program});  // the leader has ended, and is not reaped
    EXPECT_THROW(program.communicate({}, 20ms), TimeoutExpired);
    program.terminate();
    EXPECT_EQ(program.communicate().first, "");
    EXPECT_EQ(program.returncode(), 3);
}

TEST(Umask, is_set_before_the_program_runs) {
    EXPECT_EQ(output_of("umask", {.umask = 052}), "0052\n");
    EXPECT_EQ(output_of("umask", {.umask = 0}), "0000\n");
}

TEST(PipeSize, is_set) {
    Popen program({"cat"}, {.in = PIPE, .out = PIPE, .pipesize = 16384});
    EXPECT_EQ(::fcntl(program.in().fileno(), F_GETPIPE_SZ), 16384);
    EXPECT_EQ(::fcntl(program.out().fileno(), F_GETPIPE_SZ), 16384);
}

TEST(RestoreSignals, gives_their_default_back) {
    const cohort::os::SignalHandler ignored(SIGPIPE, SIG_IGN);
    const cohort::os::SignalHandler also_ignored(SIGUSR2, SIG_IGN);
    EXPECT_EQ(call(shell("kill -PIPE $$; exit 7")), -SIGPIPE);
    EXPECT_EQ(call(shell("kill -PIPE $$; exit 7"), {.restore_signals = false}), 7);
    EXPECT_EQ(call(shell("kill -USR2 $$; exit 7")), 7);
}

TEST(Limits, hold_in_the_program) {
    EXPECT_EQ(output_of("ulimit -n; ulimit -H -n", {.limits = {{RLIMIT_NOFILE, 50, 60}}}), "50\n60\n");
    EXPECT_EQ(output_of("ulimit -n; ulimit -H -n", {.limits = {{RLIMIT_NOFILE, 50}}}), "50\n50\n");
    EXPECT_EQ(call(shell("while :; do :; done"), {.limits = {{RLIMIT_CPU, 1}}}), -SIGKILL);
    const std::string file = temporary_folder() + "/file";
    EXPECT_EQ(
        call({"dd", "if=/dev/zero", "of=" + file, "count=100"}, {.err = DEVNULL, .limits = {{RLIMIT_FSIZE, 512}}}),
        -SIGXFSZ);
    std::filesystem::remove(file);
}

class ByRoot : public testing::Test {
protected:
    void SetUp() override {
        if (::getuid() != 0) GTEST_SKIP() << "only root may become another user";
    }
};

using AccountOptions = ByRoot;

TEST_F(AccountOptions, by_number_and_by_name) {
    EXPECT_EQ(output_of("id -u; id -ru; id -g; id -G", {.user = 1234, .group = 4321, .extra_groups = {{7, 9}}}),
              "1234\n1234\n4321\n4321 7 9\n");
    EXPECT_EQ(output_of("id -un; id -gn; id -Gn", {.user = "nobody", .group = "daemon", .extra_groups = {{"bin"}}}),
              "nobody\ndaemon\ndaemon bin\n");
    EXPECT_EQ(output_of("id -G", {.extra_groups = std::vector<Account>{}}), "0\n");
    EXPECT_EQ(output_of("id -u", {.user = ::getuid()}), "0\n");
}

TEST_F(AccountOptions, the_death_signal_is_for_another_user_too) {
    EXPECT_EQ(output_of("id -u", {.user = 1234, .death_signal = SIGKILL}), "1234\n");
}

TEST_F(AccountOptions, the_other_user_cannot_execute_what_is_not_for_him) {
    const std::string path = temporary_folder() + "/script";
    std::ofstream(path) << "#!/bin/sh\nexit 0\n";
    ::chmod(path.c_str(), 0700);
    EXPECT_EQ(call({path}), 0);
    EXPECT_THROW(call({path}, {.user = 1234}), std::system_error);
    std::filesystem::remove(path);
}

/// A process that starts a program and dies; the program holds the other end of the pipe.
void expect_to_die_with_its_parent(void (*start_in)(const cohort::os::PipeEnds&)) {
    cohort::os::PipeEnds pipe = cohort::os::make_pipe();
    auto forked = cohort::os::fork_process();
    if (forked.in_child()) {
        start_in(pipe);
        ::_exit(0);
    }
    pipe.write.reset();
    EXPECT_EQ(forked.process.wait(cohort::forever), cohort::ExitStatus::exited(0));
    EXPECT_TRUE(cohort::os::wait_readable(pipe.read.get(), cohort::Deadline(cohort::forever)));
}

void start_for_ever(const cohort::os::PipeEnds& pipe) {
    // Not destroyed, which would wait.
    new Popen({"sleep", "1000"}, {.out = pipe.write, .death_signal = SIGKILL});
}

TEST(DeathSignal, ends_the_program_with_its_parent) {
    expect_to_die_with_its_parent(start_for_ever);
}

/// In a program that a thread of its own starts.
std::string processors_of_program(bool bind) {
    std::string processors;
    std::thread([&] {
        if (bind) cohort::os::bind_to_processor(0);
        processors = output_of("grep Cpus_allowed_list /proc/self/status", {.death_signal = SIGKILL});
    }).join();
    return processors;
}

TEST(DeathSignal, leaves_the_program_the_processors_of_the_thread_that_starts_it) {
    const std::string all = output_of("grep Cpus_allowed_list /proc/self/status");
    const std::string one = processors_of_program(true);
    EXPECT_EQ(processors_of_program(false), all);
    EXPECT_EQ(processors_of_program(true), one);
    EXPECT_EQ(one.find_first_of(",-"), one.npos) << one;
}

TEST(DeathSignal, comes_from_the_process_not_from_the_thread) {
    expect_to_die_with_its_parent([](const cohort::os::PipeEnds& pipe) {
        std::thread([&] { start_for_ever(pipe); }).join();
        Popen other({"true"});
        other.wait();
    });
    std::optional<Popen> program;
    std::thread([&] {
        program.emplace(Words{"cat"}, PopenOptions{.in = PIPE, .out = PIPE, .death_signal = SIGKILL});
    }).join();
    EXPECT_EQ(program->communicate("still here").first, "still here");
    std::thread([&] { EXPECT_THROW(Popen({"/no/such"}, {.death_signal = SIGKILL}), std::system_error); }).join();
}

}  // namespace
