// SPDX-License-Identifier: MIT
#include "os/exec.hpp"

#include "os/fault.hpp"
#include "os/file.hpp"
#include "os/fork.hpp"
#include "os/memfd.hpp"
#include "os/poll.hpp"
#include "os/signals.hpp"
#include "os/unix_socket.hpp"
#include "support/error_text.hpp"
#include "support/leak_check.hpp"

#include <cohort/base/bytes.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

namespace {

using namespace cohort::os;
using namespace std::chrono_literals;
using cohort::Descriptor;
using cohort::ExitStatus;
using cohort::test::error_text;

const ExitStatus kSuccess = ExitStatus::exited(0);

ExitStatus run(const Program& program) {
    return *start_program(program).process.wait(cohort::forever);
}

Program shell(std::string script) {
    return {.path = "/bin/sh", .arguments = {"sh", "-c", std::move(script)}};
}

/// What the script writes to standard output.
std::string output_of(const std::string& script, Program program = {}) {
    Descriptor file = memfd_create("output");
    Program with_output = shell(script);
    with_output.descriptors = program.descriptors;
    with_output.environment = program.environment;
    with_output.descriptors.push_back({file.get(), STDOUT_FILENO});
    EXPECT_EQ(run(with_output), kSuccess);
    return read_file(("/proc/self/fd/" + std::to_string(file.get())).c_str());
}

TEST(Exec, gives_arguments) {
    EXPECT_EQ(run(shell("exit 5")), ExitStatus::exited(5));
    Program program{.path = "/bin/sh", .arguments = {"name", "-c", "test \"$0:$1\" = 'a b:'", "a b", ""}};
    EXPECT_EQ(run(program), kSuccess);
}

TEST(Exec, gives_this_environment_or_another) {
    ::setenv("COHORT_TEST_WORD", "here", 1);
    EXPECT_EQ(output_of("echo $COHORT_TEST_WORD"), "here\n");
    ::unsetenv("COHORT_TEST_WORD");
    EXPECT_EQ(output_of("echo $COHORT_TEST_WORD", {.environment = {{"COHORT_TEST_WORD=there"}}}), "there\n");
}

TEST(Exec, a_missing_file_is_an_error_here_that_names_the_step) {
    EXPECT_EQ(error_text(ENOENT, [] { start_program({.path = "/no/such/program", .arguments = {"x"}}); }),
              "execve '/no/such/program': No such file or directory");
    EXPECT_NE(error_text(EACCES, [] { start_program({.path = "/etc/passwd", .arguments = {"x"}}); }), "");
}

TEST(Exec, every_step_of_the_child_may_fail) {
    Descriptor null = open_file("/dev/null", O_RDWR);
    Program program = shell("exit 0");
    program.descriptors = {{null.get(), null.get()}, {null.get(), null.get() + 1}};
    program.parent_death_signal = SIGKILL;
    for (const char* step : {"rt_sigaction", "prctl(PR_SET_PDEATHSIG)", "fcntl(F_DUPFD_CLOEXEC)", "fcntl(F_SETFD)",
                             "dup3", "rt_sigprocmask", "execve"}) {
        Fault fault(step, EIO);
        EXPECT_EQ(error_text(EIO, [&] { start_program(program); }),
                  std::string(step) + " '/bin/sh': Input/output error");
        EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left after " << step;
    }
    EXPECT_EQ(run(program), kSuccess);
}

TEST(Exec, too_many_arguments_are_an_error) {
    Program program = shell("exit 0");
    program.arguments.push_back(std::string(1 << 20, 'x'));
    EXPECT_NE(error_text(E2BIG, [&] { start_program(program); }), "");
}

TEST(Exec, only_passed_descriptors_cross) {
    Descriptor inherited(::open("/dev/null", O_RDONLY));  // not closed on exec
    ASSERT_TRUE(inherited);
    Descriptor passed = open_file("/dev/null", O_RDONLY);
    Program with_passed{.descriptors = {{passed.get(), passed.get()}}};
    // The shell's own: the folder that the pattern reads.
    EXPECT_EQ(output_of("cd /proc/self/fd; for f in *; do test -e $f && printf '%s ' $f; done", with_passed),
              "0 1 2 " + std::to_string(passed.get()) + " ");
}

TEST(Exec, descriptors_keep_their_number_or_get_another) {
    Descriptor one = memfd_create("one");
    Descriptor two = memfd_create("two");
    write_all(one.get(), cohort::detail::bytes_of("1"));
    write_all(two.get(), cohort::detail::bytes_of("2"));
    auto read = [](int number) { return "cat /proc/self/fd/" + std::to_string(number) + ";"; };
    const int a = one.get();
    const int b = two.get();
    EXPECT_EQ(output_of(read(a) + read(b), {.descriptors = {{a, a}, {b, b}}}), "12");
    EXPECT_EQ(output_of(read(a) + read(b), {.descriptors = {{a, b}, {b, a}}}), "21");
    EXPECT_EQ(output_of(read(8) + read(9), {.descriptors = {{a, 9}, {a, 8}}}), "11");
    EXPECT_EQ(output_of("cat", {.descriptors = {{b, STDIN_FILENO}}}), "");  // at its end, as it was written here
}

TEST(Exec, a_closed_standard_input_stays_closed) {
    auto forked = fork_process();
    if (forked.in_child()) {
        ::close(STDIN_FILENO);
        ::_exit(run(shell("test ! -e /proc/self/fd/0")).exitcode());
    }
    EXPECT_EQ(forked.process.wait(cohort::forever), kSuccess);
}

TEST(Exec, handled_signals_get_their_default_and_ignored_ones_stay) {
    SignalHandler handled(SIGUSR1, [](int) {});
    SignalHandler ignored(SIGUSR2, SIG_IGN);
    EXPECT_EQ(run(shell("kill -USR2 $$; exit 7")), ExitStatus::exited(7));
    EXPECT_EQ(run(shell("kill -USR1 $$; exit 7")), ExitStatus::signaled(SIGUSR1));
}

TEST(Exec, the_mask_is_that_of_the_calling_thread) {
    SignalBlock block({SIGUSR1});
    EXPECT_EQ(
        run({.path = "/bin/grep", .arguments = {"grep", "-q", "^SigBlk:\t0000000000000200$", "/proc/self/status"}}),
        kSuccess);
}

TEST(Exec, an_open_file_can_be_the_program) {
    Descriptor program = open_file("/bin/sh", O_RDONLY);
    EXPECT_EQ(run({.file = program.get(), .arguments = {"sh", "-c", "exit 4"}}), ExitStatus::exited(4));
    EXPECT_EQ(error_text(EACCES,
                         [&] {
                             Descriptor data = memfd_create("data");
                             resize(data.get(), 10);
                             ::fchmod(data.get(), 0600);
                             start_program({.file = data.get(), .arguments = {"x"}});
                         })
                  .rfind("execveat descriptor ", 0),
              0U);
}

/// In a copy of this program: deletes its file and starts itself again.
void delete_and_start_again(const char* file) {
    ASSERT_TRUE(std::filesystem::remove(file));
    EXPECT_EQ(run({.path = "/proc/self/exe", .arguments = {"again", "--gtest_list_tests"}}), kSuccess);
    Descriptor image = open_file("/proc/self/exe", O_RDONLY);
    EXPECT_EQ(run({.file = image.get(), .arguments = {"again", "--gtest_list_tests"}}), kSuccess);
}

TEST(Exec, a_deleted_program_can_be_started_again) {
    if (const char* copy = std::getenv("COHORT_TEST_COPY")) return delete_and_start_again(copy);
    const std::string copy = cohort::test::temporary_folder() + "/copy";
    std::filesystem::copy_file("/proc/self/exe", copy);
    const std::string this_test = "--gtest_filter=Exec.a_deleted_program_can_be_started_again";
    EXPECT_EQ(run({.path = copy, .arguments = {copy, this_test}, .environment = {{"COHORT_TEST_COPY=" + copy}}}),
              kSuccess);
}

TEST(Exec, dies_with_its_parent_when_told_so) {
    auto [here, there] = socket_pair(SocketKind::stream);
    auto forked = fork_process();
    if (forked.in_child()) {
        Program program = shell("read line");  // waits for ever: nobody writes
        program.descriptors = {{there.get(), STDIN_FILENO}};
        program.parent_death_signal = SIGKILL;
        start_program(program);
        ::_exit(0);
    }
    forked.process.wait(cohort::forever);
    there.reset();
    EXPECT_TRUE(
        wait_readable(here.get(), cohort::Deadline(cohort::forever)));  // the last copy of the other end is closed
}

TEST(Exec, is_a_child_with_a_handle) {
    Started started = start_program(shell("read line"));
    EXPECT_EQ(::fcntl(started.process.get(), F_GETFD), FD_CLOEXEC);
    EXPECT_TRUE(started.process.send_signal(SIGTERM));
    EXPECT_TRUE(started.process.wait(cohort::forever));
}

TEST(Exec, the_callers_mask_is_restored) {
    sigset_t before{};
    sigset_t after{};
    ::sigprocmask(SIG_SETMASK, nullptr, &before);
    run(shell("exit 0"));
    ::sigprocmask(SIG_SETMASK, nullptr, &after);
    EXPECT_EQ(std::memcmp(&before, &after, 8), 0);
}

}  // namespace
