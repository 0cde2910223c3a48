// SPDX-License-Identifier: MIT
// What cannot be started: each the error that names it, and nothing left, which the leak check of all tests sees.
#include <cohort/subprocess/pipeline.hpp>
#include <cohort/subprocess/popen.hpp>
#include <cohort/subprocess/run.hpp>

#include "os/fault.hpp"
#include "os/file.hpp"
#include "os/limits.hpp"
#include "os/signals.hpp"
#include "programs.hpp"
#include "support/error_text.hpp"
#include "support/leak_check.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace {

using namespace cohort::subprocess;
using cohort::Descriptor;
using cohort::ValueError;
using cohort::os::Fault;
using cohort::test::error_text;
using cohort::test::shell;
using cohort::test::temporary_folder;
using cohort::test::Words;
using namespace std::string_literals;

void expect_no_child() {
    EXPECT_TRUE(cohort::test::has_no_child());
}

/// The error of a start that must fail so, also with pipes.
std::string start_error(int expected, const Words& args, PopenOptions options = {}) {
    options.in = PIPE;
    options.out = PIPE;
    options.err = PIPE;
    std::string text = error_text(expected, [&] { Popen program(args, options); });
    expect_no_child();
    return text;
}

/// A file that is removed at the end.
class File {
public:
    File(const std::string& name, const std::string& text, mode_t mode) : path_(temporary_folder() + "/" + name) {
        std::ofstream(path_) << text;
        ::chmod(path_.c_str(), mode);
    }
    ~File() { std::filesystem::remove(path_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

TEST(BadInput, no_arguments) {
    EXPECT_THROW(Popen({}), ValueError);
    EXPECT_THROW(Popen(Words{}, {.shell = true}), ValueError);
    EXPECT_THROW(pipeline({}), ValueError);
    EXPECT_THROW(pipeline({{"true"}, {}}), ValueError);
}

TEST(BadInput, a_nul_in_a_text) {
    const std::string nul = "a\0b"s;
    EXPECT_THROW(Popen({nul}), ValueError);
    EXPECT_THROW(Popen({"echo", nul}), ValueError);
    EXPECT_THROW(Popen({nul}, {.shell = true}), ValueError);
    EXPECT_THROW(Popen({"true"}, {.cwd = nul}), ValueError);
    EXPECT_THROW(Popen({"true"}, {.executable = nul}), ValueError);
    EXPECT_THROW(Popen({"true"}, {.env = {{"A", nul}}}), ValueError);
    EXPECT_THROW(Popen({"true"}, {.env = {{nul, "x"}}}), ValueError);
    EXPECT_THROW(Popen({"true"}, {.env = Environment::extend({{nul, std::nullopt}})}), ValueError);
    EXPECT_THROW(Popen({"true"}, {.env = {{"A=B", "x"}}}), ValueError);
    EXPECT_THROW(Popen({"true"}, {.env = {{"", "x"}}}), ValueError);
    EXPECT_THROW(Popen({"true"}, {.env = Environment::extend({{"A", nul}})}), ValueError);
}

TEST(BadInput, a_missing_program) {
    EXPECT_EQ(start_error(ENOENT, {"/no/such/program"}), "execve '/no/such/program': No such file or directory");
    EXPECT_EQ(start_error(ENOENT, {"no-such-program", "x"}), "execve 'no-such-program': No such file or directory");
    EXPECT_EQ(start_error(EACCES, {""}), "execve '': Permission denied");  // the folders of PATH
    EXPECT_EQ(start_error(ENOENT, {"true"}, {.executable = "/no/such"}),
              "execve '/no/such': No such file or directory");
    EXPECT_EQ(start_error(ENOENT, {"true"}, {.env = {{"PATH", "/no/such:/none"}}}),
              "execve 'true': No such file or directory");
}

TEST(BadInput, is_named_though_another_part_of_the_program_reaps_all_children) {
    const cohort::os::SignalHandler ignored(SIGCHLD, SIG_IGN);
    EXPECT_EQ(start_error(ENOENT, {"/no/such/program"}), "execve '/no/such/program': No such file or directory");
}

TEST(BadInput, a_directory_or_a_file_that_cannot_be_executed) {
    EXPECT_EQ(start_error(EACCES, {"/tmp"}), "execve '/tmp': Permission denied");
    const File file("plain", "x", 0644);
    EXPECT_EQ(start_error(EACCES, {file.path()}), "execve '" + file.path() + "': Permission denied");
    // It counts more than what is not there at all.
    EXPECT_NE(start_error(EACCES, {"plain"}, {.env = {{"PATH", temporary_folder() + ":/none"}}}), "");
}

TEST(BadInput, a_script_without_an_interpreter) {
    const File none("none", "echo x\n", 0755);
    EXPECT_EQ(start_error(ENOEXEC, {none.path()}), "execve '" + none.path() + "': Exec format error");
    const File missing("missing", "#!/no/such/interpreter\n", 0755);
    EXPECT_NE(start_error(ENOENT, {missing.path()}), "");
}

TEST(BadInput, a_missing_working_directory_is_what_is_named) {
    EXPECT_EQ(start_error(ENOENT, {"true"}, {.cwd = "/no/such/folder"}),
              "chdir '/no/such/folder': No such file or directory");
    EXPECT_EQ(start_error(ENOTDIR, {"true"}, {.cwd = "/etc/passwd"}), "chdir '/etc/passwd': Not a directory");
}

TEST(BadInput, arguments_that_are_too_long) {
    EXPECT_EQ(start_error(E2BIG, {"true", std::string(1 << 20, 'x')}), "execve 'true': Argument list too long");
    EXPECT_NE(start_error(E2BIG, {"true"}, {.env = {{"X", std::string(1 << 20, 'x')}}}), "");
}

TEST(BadInput, descriptors) {
    EXPECT_THROW(Popen({"true"}, {.in = -1}), ValueError);
    EXPECT_THROW(Popen({"true"}, {.out = static_cast<std::FILE*>(nullptr)}), ValueError);
    EXPECT_THROW(Popen({"true"}, {.pass_fds = {-1}}), ValueError);
    EXPECT_NE(error_text(EBADF, [] { Popen({"true"}, {.out = 999}); }), "");
    EXPECT_NE(error_text(EBADF, [] { Popen({"true"}, {.pass_fds = {999}}); }), "");
    expect_no_child();
}

TEST(BadInput, a_closed_descriptor_is_not_taken_for_a_pipe_of_the_program) {
    const int closed = cohort::os::duplicate(STDERR_FILENO).get();  // the next number of all
    EXPECT_NE(error_text(EBADF, [&] { Popen({"cat"}, {.in = PIPE, .pass_fds = {closed}}); }), "");
    EXPECT_NE(error_text(EBADF, [&] { Popen({"cat"}, {.in = PIPE, .pass_fds = {closed + 1}}); }), "");
    EXPECT_NE(error_text(EBADF, [&] { Popen({"cat"}, {.in = PIPE, .out = closed}); }), "");
    EXPECT_NE(error_text(EBADF, [&] { Popen({"cat"}, {.out = PIPE, .err = closed}); }), "");
    expect_no_child();
}

TEST(BadInput, groups_and_accounts) {
    EXPECT_THROW(Popen({"true"}, {.process_group = -1}), ValueError);
    EXPECT_THROW(Popen({"true"}, {.kill_group = true, .process_group = 1}), ValueError);
    EXPECT_THROW(Popen({"true"}, {.user = -1}), ValueError);
    EXPECT_THROW(Popen({"true"}, {.user = 1LL << 40}), ValueError);
    EXPECT_THROW(Popen({"true"}, {.user = "no-such-user"}), ValueError);
    EXPECT_THROW(Popen({"true"}, {.group = "no-such-group"}), ValueError);
    EXPECT_THROW(Popen({"true"}, {.extra_groups = {{"no-such-group"}}}), ValueError);
}

TEST(BadInput, a_program_of_a_pipeline) {
    EXPECT_EQ(error_text(ENOENT,
                         [] {
                             pipeline({{"yes"}, {"cat"}, {"no-such-program"}});
                         }),
              "execve 'no-such-program': No such file or directory");
    expect_no_child();
}

TEST(BadInput, all_descriptors_are_in_use) {
    const auto before = cohort::os::resource_limit(RLIMIT_NOFILE);
    std::vector<Descriptor> held;
    const int highest = cohort::os::duplicate(STDERR_FILENO).get();
    cohort::os::set_resource_limit(RLIMIT_NOFILE, {static_cast<std::uint64_t>(highest) + 10, before.hard});
    EXPECT_EQ(error_text(EMFILE,
                         [&] {
                             for (;;) held.push_back(cohort::os::duplicate(STDERR_FILENO));
                         })
                  .empty(),
              false);
    // One place more each time, until there are enough: a start fails as a whole, or not at all.
    int failures = 0;
    for (bool started = false; !started && !held.empty(); held.pop_back()) {
        const std::size_t open = held.size();
        const std::string text = error_text(EMFILE, [&] {
            Popen program({"cat"}, {.in = PIPE, .out = PIPE, .err = DEVNULL});
            started = true;
            EXPECT_EQ(program.communicate("x").first, "x");
        });
        failures += !text.empty();
        EXPECT_EQ(held.size(), open);
        expect_no_child();
    }
    EXPECT_GE(failures, 4);
    held.clear();
    cohort::os::set_resource_limit(RLIMIT_NOFILE, before);
}

// The parent's steps and the child's, in turn.
const Words kSteps{"pipe2",
                   "fcntl(F_SETPIPE_SZ)",
                   "open",
                   "clone",
                   "rt_sigaction",
                   "fcntl(F_SETFD)",
                   "fcntl(F_DUPFD_CLOEXEC)",
                   "dup3",
                   "chdir",
                   "umask",
                   "setsid",
                   "prlimit64",
                   "prctl(PR_SET_PDEATHSIG)",
                   "rt_sigprocmask",
                   "execve"};
// Of a start as another user; its child has a copy of the memory.
const Words kUserSteps{"mmap", "setgroups", "setregid", "setreuid"};

/// All steps are made.
PopenOptions all_options(const Descriptor& passed) {
    PopenOptions options{.in = PIPE, .out = STDERR_FILENO, .err = DEVNULL};
    options.cwd = "/";
    options.pass_fds = {passed.get()};
    options.start_new_session = true;
    options.umask = 022;
    options.pipesize = 8192;
    options.death_signal = SIGKILL;
    options.limits = {{RLIMIT_CORE, 0}};
    return options;
}

PopenOptions all_options_of_a_user(const Descriptor& passed) {
    PopenOptions options = all_options(passed);
    options.user = ::getuid();
    options.group = ::getgid();
    options.extra_groups = {Account(::getgid())};
    return options;
}

/// Each of these calls fails, then one after the other of those that a start makes.
void expect_failures_to_leave_nothing(const Words& steps, const PopenOptions& options) {
    auto start = [&] {
        Popen program({"/bin/cat"}, options);
        program.in().close();
        EXPECT_EQ(program.wait(), 0);
    };
    for (const std::string& step : steps) {
        {
            Fault fault(step.c_str(), EIO, 1, Fault::kAlways);
            const std::string text = error_text(EIO, start);
            EXPECT_TRUE(text.starts_with(step)) << step << ": " << text;
            expect_no_child();
        }
        for (int nth = 1; nth != 100; ++nth) {
            Fault fault(step.c_str(), EIO, nth);
            const bool started = error_text(EIO, start).empty();
            expect_no_child();
            if (started) break;
        }
    }
    start();
}

TEST(FailingStart, every_step_leaves_nothing) {
    const Descriptor passed = cohort::os::duplicate(STDERR_FILENO);
    expect_failures_to_leave_nothing(kSteps, all_options(passed));
}

TEST(FailingStart, every_step_as_another_user_leaves_nothing) {
    if (::getuid() != 0) GTEST_SKIP() << "groups are for root";
    const Descriptor passed = cohort::os::duplicate(STDERR_FILENO);
    expect_failures_to_leave_nothing(kSteps, all_options_of_a_user(passed));
    expect_failures_to_leave_nothing(kUserSteps, all_options_of_a_user(passed));
}

TEST(FailingStart, a_pipeline_leaves_nothing) {
    for (const char* step : {"pipe2", "fcntl(F_SETPIPE_SZ)", "open", "clone", "dup3", "execve"}) {
        for (int nth = 1; nth != 100; ++nth) {
            Fault fault(step, EIO, nth);
            const bool started = error_text(EIO, [] {
                                     const auto done =
                                         pipeline({{"/bin/cat"}, {"/bin/cat"}, {"/bin/cat"}},
                                                  {.input = "x", .out = PIPE, .err = DEVNULL, .pipesize = 8192});
                                     EXPECT_EQ(done.out(), "x");
                                 }).empty();
            expect_no_child();
            if (started) break;
            EXPECT_NE(nth, 99) << step;
        }
    }
}

TEST(FailingStart, without_the_thread_that_a_death_signal_needs) {
    EXPECT_TRUE(cohort::test::in_another_process([] {  // which has none yet
        bool failed = false;
        Fault fault("pthread_create", EAGAIN);
        std::thread([&] {
            try {
                Popen({"/bin/cat"}, {.in = PIPE, .death_signal = SIGKILL});
            } catch (const std::system_error& error) {
                failed = error.code().value() == EAGAIN;
            }
        }).join();
        return failed && cohort::test::has_no_child();
    }));
}

TEST(FailingStart, without_a_number_above_the_standard_streams) {
    EXPECT_TRUE(cohort::test::in_another_process([] {
        for (int stream = 0; stream != 3; ++stream) ::close(stream);
        for (int nth = 1;; ++nth) {
            Fault fault("fcntl(F_DUPFD_CLOEXEC)", EMFILE, nth);
            try {
                Popen program({"/bin/cat"}, {.in = PIPE, .out = PIPE});
                return program.communicate("x").first == "x" && nth > 3;
            } catch (const std::system_error&) {
                if (!cohort::test::has_no_child()) return false;
            }
        }
    }));
}

TEST(FailingStart, an_interrupted_step_is_made_again) {
    const Descriptor passed = cohort::os::duplicate(STDERR_FILENO);
    for (const std::string& step : kSteps) {
        if (step == "clone") continue;
        Fault fault(step.c_str(), EINTR, 1, 2);
        Popen program({"/bin/cat"}, all_options(passed));
        program.in().close();
        EXPECT_EQ(program.wait(), 0) << step;
    }
}

TEST(FailingStart, a_group_that_cannot_be_joined) {
    Fault fault("setpgid", EPERM);
    EXPECT_EQ(error_text(EPERM, [] { Popen program({"/bin/cat"}, {.process_group = 0}); }),
              "setpgid '/bin/cat': Operation not permitted");
    expect_no_child();
}

TEST(FailingStart, other_ways_to_close_descriptors) {
    const Fault denied("close_range", EPERM, 1, Fault::kAlways);
    for (const char* call : {"open '/proc/self/fd'", "getdents64", "fcntl(F_SETFD)"}) {
        const Fault fault(call, EIO);
        const std::string text = error_text(EIO, [] { Popen program({"/bin/cat"}, {.in = PIPE}); });
        EXPECT_TRUE(text.starts_with(call)) << text;
        expect_no_child();
    }
    EXPECT_EQ(run(shell(cohort::test::list_descriptors()), {.out = PIPE}).out, "0 1 2 ");
}

TEST(FailingStart, calls_while_it_runs) {
    for (const char* call : {"poll", "read", "write", "waitid"}) {
        Fault fault(call, EIO);
        EXPECT_NE(error_text(EIO, [&] { run({"cat"}, {.input = "x", .out = PIPE, .err = PIPE}); }), "") << call;
        expect_no_child();
    }
    for (const char* call : {"poll", "read", "write", "waitid"}) {
        Fault fault(call, EINTR, 1, 3);
        EXPECT_EQ(run({"cat"}, {.input = "x", .out = PIPE, .err = PIPE}).out, "x") << call;
    }
}

}  // namespace
