// SPDX-License-Identifier: MIT
// The functions of the module: what Python documents of them, for each start method.
#include <cohort/base/errors.hpp>
#include <cohort/base/log.hpp>
#include <cohort/process/current_process.hpp>

#include "conformance/start_methods.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

class ModuleFunctions : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, ModuleFunctions, kEveryStartMethod, name_of);

TEST_P(ModuleFunctions, main_process) {
    EXPECT_EQ(current_process().name(), "MainProcess");
    EXPECT_EQ(current_process().pid(), ::getpid());
}

TEST_P(ModuleFunctions, main_process_has_no_parent) {
    EXPECT_FALSE(parent_process());
}

TEST_P(ModuleFunctions, parent_joins_with_a_timeout) {
    auto join = [] {
        const ParentProcess parent = parent_process().value();
        std::exit(parent.is_alive() && !parent.join(0s) && !parent.join(10ms) ? 0 : 1);
    };
    EXPECT_EQ(run(join), 0);
}

TEST_P(ModuleFunctions, active_children_reaps) {
    const Mailbox ready = mailbox(), release = mailbox();
    Process p = start(report_and_wait_for_release, ready, release);
    const auto children = active_children();
    ASSERT_EQ(children.size(), 1U);
    EXPECT_EQ(children[0].pid, p.pid());
    EXPECT_EQ(children[0].name, p.name());
    EXPECT_FALSE(children[0].daemon);
    release.post("");
    pollfd end{p.sentinel(), POLLIN, 0};
    ASSERT_EQ(::poll(&end, 1, -1), 1);
    EXPECT_TRUE(active_children().empty());
    EXPECT_EQ(p.exitcode(), 0);
}

TEST_P(ModuleFunctions, cpu_count_obeys_affinity) {
    auto count_on_one = [] {
        cpu_set_t all, one;
        if (::sched_getaffinity(0, sizeof all, &all) != 0) std::exit(100);
        CPU_ZERO(&one);
        for (std::size_t cpu = 0; CPU_COUNT(&one) == 0; ++cpu)
            if (CPU_ISSET(cpu, &all)) CPU_SET(cpu, &one);
        if (::sched_setaffinity(0, sizeof one, &one) != 0) std::exit(101);
        std::exit(cpu_count());
    };
    EXPECT_EQ(run(count_on_one), 1);
}

TEST_P(ModuleFunctions, set_start_method_once) {
    auto try_twice = [](StartMethod first) {
        set_start_method(first, true);
        try {
            set_start_method(StartMethod::fork);
        } catch (const ValueError& error) {
            set_start_method(StartMethod::spawn, true);
            std::exit(std::string(error.what()) == "context has already been set" &&
                              get_start_method() == StartMethod::spawn
                          ? 0
                          : 2);
        }
    };
    EXPECT_EQ(run(try_twice, GetParam()), 0);
}

TEST_P(ModuleFunctions, what_is_no_start_method_is_refused) {
    const auto none = static_cast<StartMethod>(17);
    EXPECT_THROW(set_start_method(none, true), ValueError);
    EXPECT_THROW(Process({.start_method = none}, [] {}).start(), ValueError);
    EXPECT_TRUE(active_children().empty());
}

TEST_P(ModuleFunctions, authkey_of_this_process) {
    auto change = [](StartMethod method) {
        set_authkey("new");
        if (current_process().authkey() != "new") std::exit(1);
        Process p({.start_method = method}, [] { std::exit(current_process().authkey() == "new" ? 0 : 2); });
        p.start();
        p.join();
        std::exit(*p.exitcode());
    };
    EXPECT_EQ(run(change, GetParam()), 0);
}

TEST_P(ModuleFunctions, children_inherit_the_start_method) {
    auto report = [](const Mailbox& out) { out.post(to_string(get_start_method())); };
    const Mailbox out = mailbox();
    const StartMethod before = get_start_method();
    set_start_method(GetParam(), true);
    Process p(report, out);
    p.start();
    p.join();
    set_start_method(before, true);
    EXPECT_EQ(out.take(), to_string(GetParam()));
}

TEST_P(ModuleFunctions, log_lines_name_level_and_process) {
    auto log = [](const std::string& path) {
        std::freopen(path.c_str(), "w", stderr);
        log_to_stderr(LogLevel::info);
        get_logger().info("doing ", 3, " things");
        get_logger().debug("not wanted");
        get_logger().set_level(LogLevel::critical);
    };
    Process p({.name = "Worker", .start_method = GetParam()}, log, file("stderr"));
    p.start();
    p.join();
    EXPECT_EQ(text_of(file("stderr")), "[INFO/Worker] doing 3 things\n");
}

TEST_P(ModuleFunctions, a_child_logs_its_beginning_and_its_end) {
    auto parent = [](const std::string& path, StartMethod method) {
        std::freopen(path.c_str(), "w", stderr);
        log_to_stderr(LogLevel::info);
        Process child({.name = "Inner", .start_method = method}, [] {});
        child.start();
        child.join();
    };
    Process p({.name = "Outer", .start_method = StartMethod::fork}, parent, file("stderr"), GetParam());
    p.start();
    p.join();
    const std::string text = text_of(file("stderr"));
    const auto begin = text.find("[INFO/Inner] child process calling run()\n");
    const auto end = text.find("[INFO/Inner] process exiting with exitcode 0\n");
    EXPECT_NE(begin, std::string::npos) << text;
    EXPECT_NE(end, std::string::npos) << text;
    EXPECT_LT(begin, end) << text;
}

TEST_P(ModuleFunctions, log_levels) {
    EXPECT_EQ(static_cast<int>(LogLevel::subdebug), 5);
    EXPECT_EQ(static_cast<int>(LogLevel::subwarning), 25);
    EXPECT_EQ(get_logger().effective_level(), LogLevel::warning);
}

/// Gives this process another stdin, for a while.
class StdinFrom {
public:
    explicit StdinFrom(const std::string& path) : kept_(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)) {
        const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        ::dup2(opened, STDIN_FILENO);
        ::close(opened);
    }
    ~StdinFrom() {
        ::dup2(kept_, STDIN_FILENO);
        ::close(kept_);
    }
    StdinFrom(const StdinFrom&) = delete;
    StdinFrom& operator=(const StdinFrom&) = delete;

private:
    int kept_;
};

TEST_P(ModuleFunctions, stdin_is_empty) {
    auto read = [] {
        char c = 0;
        if (std::filesystem::read_symlink("/proc/self/fd/0") != "/dev/null" || ::read(STDIN_FILENO, &c, 1) != 0)
            std::exit(1);
        std::exit(std::cin.get() == std::char_traits<char>::eof() && std::getchar() == EOF ? 0 : 2);
    };
    std::ofstream(file("stdin")) << "for the parent only";
    const StdinFrom text(file("stdin"));
    EXPECT_EQ(run(read), 0);
    EXPECT_EQ(std::getchar(), 'f');
    std::rewind(stdin);  // so that nothing of the text stays in the buffer
    ::lseek(STDIN_FILENO, 0, SEEK_END);
}

}  // namespace
}  // namespace cohort::test
