// SPDX-License-Identifier: MIT
// Children that another thread than the main one starts: the end of the thread is nothing to them, the end of the
// process is their own.
#include <cohort/process/current_process.hpp>

#include "conformance/start_methods.hpp"
#include "os/fault.hpp"
#include "process/keeper.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

namespace fs = std::filesystem;

using process::keeper_pid;

class ThreadStart : public StartMethods {
protected:
    /// Whether children of this method need a keeper.
    static bool needs_keeper() { return GetParam() != StartMethod::forkserver; }
};
INSTANTIATE_TEST_SUITE_P(, ThreadStart, kEveryStartMethod, name_of);

class Keeper : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, Keeper, testing::Values(StartMethod::fork, StartMethod::spawn), name_of);

/// Starts a process in a thread; `then` runs in the thread before it ends.
template <class Then>
void start_in_thread(Process& process, Then then) {
    std::thread([&] {
        process.start();
        then();
    }).join();
}

void start_in_thread(Process& process) {
    start_in_thread(process, [] {});
}

/// Waits until the process does nothing but wait: after its last word before a long wait.
void wait_until_it_sleeps(pid_t pid) {
    for (;;) {
        std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
        std::string text;
        std::getline(in, text);
        const auto name_end = text.rfind(") ");
        if (name_end == std::string::npos) throw std::runtime_error("no process " + std::to_string(pid));
        if (text[name_end + 2] == 'S') return;
        std::this_thread::yield();
    }
}

/// Waits until the process runs the program of that name, or has ended.
void wait_until_it_is(pid_t pid, const std::string& name) {
    while (text_of("/proc/" + std::to_string(pid) + "/comm") != name + "\n" && is_running(pid))
        std::this_thread::yield();
}

void sleep_and_tell(const Mailbox& ready) {
    ready.post("");
    std::exit(::sleep(1) == 0 ? 0 : 1);
}

void poll_and_tell(const Mailbox& ready) {
    ready.post("");
    std::exit(::poll(nullptr, 0, 1000) == 0 ? 0 : 1);
}

TEST_P(ThreadStart, end_of_the_thread_interrupts_no_call) {
    for (auto* call : {sleep_and_tell, poll_and_tell}) {
        const Mailbox ready = mailbox();
        Process p = make(call, ready);
        start_in_thread(p, [&] {
            ready.take();
            wait_until_it_sleeps(p.pid().value());
        });
        p.join();
        EXPECT_EQ(p.exitcode(), 0);
    }
}

void become_sleep(const std::string& seconds) {
    ::execl("/bin/sleep", "sleep", seconds.c_str(), nullptr);
    std::exit(1);
}

TEST_P(ThreadStart, end_of_the_thread_does_not_end_another_program) {
    Process p = make(become_sleep, "1");
    start_in_thread(p, [&] { wait_until_it_is(p.pid().value(), "sleep"); });
    p.join();
    EXPECT_EQ(p.exitcode(), 0);
}

/// Starts a child that becomes another program, in a thread that ends; says its pid and waits.
void start_another_program(StartMethod method, const Mailbox& out) {
    Process child({.start_method = method}, become_sleep, "1000");
    start_in_thread(child, [&] { wait_until_it_is(child.pid().value(), "sleep"); });
    out.post(std::to_string(child.pid().value()));
    for (;;) ::pause();
}

TEST_P(ThreadStart, another_program_does_not_outlive_a_killed_parent) {
    const Mailbox out = mailbox();
    Process parent = start(start_another_program, GetParam(), out);
    const pid_t program = std::stoi(out.take());
    EXPECT_TRUE(is_running(program));
    parent.kill();
    parent.join();
    wait_for_end(program);
}

/// Starts a child in a thread that ends; the child does so too, until `levels` is 0.
void descend(int levels, StartMethod method, const Mailbox& out) {
    out.post(std::to_string(::getpid()));
    Process child({.start_method = method}, descend, levels - 1, method, out);
    if (levels > 0) start_in_thread(child);
    for (;;) ::pause();
}

TEST_P(ThreadStart, three_levels_end_with_the_first) {
    const Mailbox out = mailbox();
    Process first = make(descend, 3, GetParam(), out);
    start_in_thread(first);
    std::vector<pid_t> all(4);
    for (pid_t& pid : all) pid = std::stoi(out.take());
    first.kill();
    first.join();
    for (const pid_t pid : all) wait_for_end(pid);
}

TEST_P(ThreadStart, nothing_is_left_when_the_children_have_ended) {
    const Mailbox ready = mailbox(), release = mailbox();
    Process one = make(report_and_wait_for_release, ready, release);
    Process two = make(report_and_wait_for_release, ready, release);
    for (Process* p : {&one, &two}) start_in_thread(*p);
    EXPECT_EQ(keeper_pid().has_value(), needs_keeper());
    release.post("");
    release.post("");
    one.join();
    EXPECT_EQ(keeper_pid().has_value(), needs_keeper());
    two.join();
    EXPECT_EQ(keeper_pid(), std::nullopt);
}

TEST_P(ThreadStart, main_thread_and_detached_children_need_no_keeper) {
    const Mailbox ready = mailbox(), release = mailbox();
    Process own = start(report_and_wait_for_release, ready, release);
    EXPECT_EQ(keeper_pid(), std::nullopt);
    Process detached({.start_method = GetParam(), .detached = true}, report_and_wait_for_release, ready, release);
    start_in_thread(detached);
    EXPECT_EQ(keeper_pid(), std::nullopt);
    release.post("");
    release.post("");
    own.join();
    detached.join();
}

TEST_P(Keeper, one_for_all_children) {
    const Mailbox ready = mailbox(), release = mailbox();
    Process one = make(report_and_wait_for_release, ready, release);
    Process two = make(report_and_wait_for_release, ready, release);
    start_in_thread(one);
    const auto keeper = keeper_pid();
    start_in_thread(two);
    EXPECT_EQ(keeper_pid(), keeper);
    release.post("");
    release.post("");
    one.join();
    two.join();
    EXPECT_FALSE(is_running(keeper.value()));
}

/// Starts two children, each in a thread, and kills the keeper between the starts.
void start_and_kill_the_keeper(StartMethod method, const Mailbox& ready, const Mailbox& out) {
    Process one({.start_method = method}, report_and_wait_for_a_signal, ready);
    Process two({.start_method = method}, report_and_wait_for_a_signal, ready);
    start_in_thread(one);
    ready.take();
    const pid_t keeper = keeper_pid().value();
    ::kill(keeper, SIGKILL);
    wait_for_end(keeper);
    start_in_thread(two);
    ready.take();
    out.post(keeper_pid() != keeper ? "another" : "the same");
    for (const Process* p : {&one, &two}) out.post(std::to_string(p->pid().value()));
    for (;;) ::pause();
}

TEST_P(Keeper, replaced_when_it_was_killed_and_keeps_those_who_run) {
    const Mailbox ready = mailbox(), out = mailbox();
    Process parent = start(start_and_kill_the_keeper, GetParam(), ready, out);
    EXPECT_EQ(out.take(), "another");
    const pid_t one = std::stoi(out.take()), two = std::stoi(out.take());
    EXPECT_TRUE(is_running(one));
    EXPECT_TRUE(is_running(two));
    parent.kill();
    parent.join();
    wait_for_end(one);
    wait_for_end(two);
}

TEST_P(Keeper, no_other_signal_ends_it) {
    const Mailbox ready = mailbox(), release = mailbox();
    Process one = make(report_and_wait_for_release, ready, release);
    start_in_thread(one);
    const pid_t keeper = keeper_pid().value();
    for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGPIPE}) ::kill(keeper, signal);
    Process two = make(report_and_wait_for_release, ready, release);
    start_in_thread(two);
    EXPECT_EQ(keeper_pid(), keeper);
    release.post("");
    release.post("");
    for (Process* p : {&one, &two}) p->join();
}

TEST_P(Keeper, a_stopped_one_delays_nobody) {
    const Mailbox ready = mailbox();
    Process p = make(report_and_wait_for_a_signal, ready);
    start_in_thread(p, [] { ::kill(keeper_pid().value(), SIGSTOP); });
    ready.take();
    p.kill();
    p.join();
    EXPECT_EQ(keeper_pid(), std::nullopt);
}

TEST_P(Keeper, start_fails_without_one) {
    Process p = make([] {});
    std::string step;
    std::thread([&] {
        const os::Fault fault("socketpair", EMFILE);
        try {
            p.start();
        } catch (const std::system_error& error) {
            step = error.what();
        }
    }).join();
    EXPECT_NE(step.find("socketpair"), std::string::npos) << step;
    EXPECT_EQ(p.pid(), std::nullopt);
    EXPECT_TRUE(active_children().empty());
    start_in_thread(p);
    p.join();
    EXPECT_EQ(p.exitcode(), 0);
}

std::size_t count_sockets() {
    std::size_t sockets = 0;
    for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
        std::error_code gone;  // the descriptor that reads the folder
        const bool standard = std::stoi(entry.path().filename().string()) <= STDERR_FILENO;
        sockets += !standard && fs::read_symlink(entry.path(), gone).string().starts_with("socket:");
    }
    return sockets;
}

void report_sockets(const Mailbox& out) {
    out.post(std::to_string(count_sockets()));
}

TEST_P(Keeper, no_child_holds_its_socket) {
    const std::size_t before = count_sockets();
    const Mailbox ready = mailbox(), release = mailbox(), out = mailbox();
    Process kept = make(report_and_wait_for_release, ready, release);
    start_in_thread(kept);
    EXPECT_EQ(count_sockets(), before + 1);
    Process by_thread = make(report_sockets, out);
    start_in_thread(by_thread);
    EXPECT_LE(std::stoul(out.take()), before);
    Process by_main = start(report_sockets, out);
    EXPECT_LE(std::stoul(out.take()), before);
    release.post("");
    for (Process* p : {&kept, &by_thread, &by_main}) p->join();
}

}  // namespace
}  // namespace cohort::test
