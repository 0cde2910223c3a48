// SPDX-License-Identifier: MIT
// What CPython's _TestProcess shows, for each start method.
#include <cohort/process/current_process.hpp>

#include "conformance/start_methods.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <thread>
#include <tuple>
#include <vector>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;

class TestProcess : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, TestProcess, kEveryStartMethod, name_of);

bool is_active(const Process& process) {
    const auto children = active_children();
    return std::ranges::any_of(children, [&](const ProcessInfo& child) { return child.pid == process.pid(); });
}

TEST_P(TestProcess, current) {
    const Process& current = current_process();
    EXPECT_TRUE(current.is_alive());
    EXPECT_FALSE(current.daemon());
    EXPECT_FALSE(current.authkey().empty());
    EXPECT_EQ(current.pid(), ::getpid());
    EXPECT_EQ(current.exitcode(), std::nullopt);
}

TEST_P(TestProcess, args_argument) {
    auto print = [](const Mailbox& out, int number, const std::string& text, const std::vector<int>& list,
                    std::tuple<int> tuple) {
        out.post(std::to_string(number) + text + std::to_string(list.at(0)) + std::to_string(std::get<0>(tuple)));
    };
    const Mailbox out = mailbox();
    EXPECT_EQ(run(print, out, 1, "str", std::vector{1}, std::tuple{2}), 0);
    EXPECT_EQ(out.take(), "1str12");
}

TEST_P(TestProcess, daemon_argument) {
    EXPECT_EQ(make(wait_for_end, 0).daemon(), current_process().daemon());
    EXPECT_TRUE(Process({.daemon = true, .start_method = GetParam()}, wait_for_end, 0).daemon());
    EXPECT_FALSE(Process({.daemon = false, .start_method = GetParam()}, wait_for_end, 0).daemon());
}

TEST_P(TestProcess, parent_process_attributes) {
    EXPECT_FALSE(parent_process());
    auto report = [](const Mailbox& out) {
        out.post(std::to_string(parent_process().value().pid()) + " " + parent_process().value().name());
    };
    const Mailbox out = mailbox();
    EXPECT_EQ(run(report, out), 0);
    EXPECT_EQ(out.take(), std::to_string(::getpid()) + " " + current_process().name());
}

void report_parent(const Mailbox& out) {
    const ParentProcess parent = parent_process().value();
    out.post(parent.is_alive() ? "alive" : "not alive");
    parent.join();
    out.post(parent.is_alive() ? "alive" : "not alive");
}

// The grandchild is detached: any other would end together with its parent.
void start_detached_grandchild(const Mailbox& out, StartMethod method) {
    Process grandchild({.start_method = method, .detached = true}, report_parent, out);
    grandchild.start();
    for (;;) ::pause();
}

TEST_P(TestProcess, parent_process) {
    const Mailbox out = mailbox();
    Process child = start(start_detached_grandchild, out, GetParam());
    EXPECT_EQ(out.take(), "alive");
    child.terminate();
    child.join();
    EXPECT_EQ(out.take(), "not alive");
}

TEST_P(TestProcess, process) {
    auto report = [](const Mailbox& out, const Mailbox& release, int one, int two) {
        const Process& current = current_process();
        out.post(std::to_string(one) + std::to_string(two));
        out.post(current.name());
        out.post(current.authkey() == std::string(32, 'k') ? "same key" : "other key");
        out.post(std::to_string(current.pid().value()));
        release.take();
    };
    const Mailbox out = mailbox(), release = mailbox();
    Process p({.name = "SomeProcess", .daemon = true, .start_method = GetParam()}, report, out, release, 1, 2);
    EXPECT_EQ(p.authkey(), current_process().authkey());
    p.set_authkey(std::string(32, 'k'));
    EXPECT_FALSE(p.is_alive());
    EXPECT_TRUE(p.daemon());
    EXPECT_FALSE(is_active(p));
    EXPECT_EQ(p.exitcode(), std::nullopt);

    p.start();
    EXPECT_EQ(p.exitcode(), std::nullopt);
    EXPECT_TRUE(p.is_alive());
    EXPECT_TRUE(is_active(p));
    EXPECT_EQ(out.take(), "12");
    EXPECT_EQ(out.take(), p.name());
    EXPECT_EQ(out.take(), "same key");
    EXPECT_EQ(out.take(), std::to_string(p.pid().value()));

    release.post("");
    p.join();
    EXPECT_EQ(p.exitcode(), 0);
    EXPECT_FALSE(p.is_alive());
    EXPECT_FALSE(is_active(p));
}

TEST_P(TestProcess, process_mainthread_native_id) {
    auto report = [](const Mailbox& out) { out.post(std::to_string(::gettid())); };
    const Mailbox out = mailbox();
    Process p = start(report, out);
    EXPECT_EQ(out.take(), std::to_string(p.pid().value()));
    p.join();
}

/// Starts a child that waits, looks at it, ends it, and gives its exit code.
template <class Target>
int exitcode_after(void (Process::*end)(), StartMethod method, Target target, const Mailbox& ready) {
    Process p({.daemon = true, .start_method = method}, target, ready);
    p.start();
    EXPECT_TRUE(p.is_alive());
    EXPECT_TRUE(is_active(p));
    EXPECT_EQ(p.exitcode(), std::nullopt);
    EXPECT_FALSE(p.join(0s));
    EXPECT_TRUE(p.is_alive());
    EXPECT_FALSE(p.join(-1s));
    EXPECT_TRUE(p.is_alive());
    EXPECT_EQ(ready.take(), std::to_string(p.pid().value()));

    (p.*end)();
    EXPECT_TRUE(p.join());
    EXPECT_FALSE(p.is_alive());
    EXPECT_FALSE(is_active(p));
    EXPECT_TRUE(p.join());
    return p.exitcode().value();
}

TEST_P(TestProcess, interrupt) {
    auto exit_when_interrupted = [](const Mailbox& ready) {
        std::signal(SIGINT, [](int) { std::_Exit(1); });
        report_and_wait_for_a_signal(ready);
    };
    EXPECT_EQ(exitcode_after(&Process::interrupt, GetParam(), exit_when_interrupted, mailbox()), 1);
}

TEST_P(TestProcess, interrupt_no_handler) {
    EXPECT_EQ(exitcode_after(&Process::interrupt, GetParam(), report_and_wait_for_a_signal, mailbox()), -SIGINT);
}

TEST_P(TestProcess, terminate) {
    EXPECT_EQ(exitcode_after(&Process::terminate, GetParam(), report_and_wait_for_a_signal, mailbox()), -SIGTERM);
}

TEST_P(TestProcess, kill) {
    EXPECT_EQ(exitcode_after(&Process::kill, GetParam(), report_and_wait_for_a_signal, mailbox()), -SIGKILL);
}

TEST_P(TestProcess, cpu_count) {
    auto count = [] { std::exit(cpu_count()); };
    EXPECT_GE(cpu_count(), 1);
    EXPECT_EQ(run(count), cpu_count());
}

TEST_P(TestProcess, active_children) {
    const Mailbox ready = mailbox(), release = mailbox();
    Process p({.daemon = true, .start_method = GetParam()}, report_and_wait_for_release, ready, release);
    EXPECT_FALSE(is_active(p));
    p.start();
    EXPECT_TRUE(is_active(p));
    release.post("");
    p.join();
    EXPECT_FALSE(is_active(p));
}

void recurse(const Mailbox& out, StartMethod method, const std::string& id) {
    out.post("[" + id + "]");
    if (id.size() == 2) return;
    for (const char* step : {"0", "1"}) {
        Process p({.start_method = method}, recurse, out, method, id + step);
        p.start();
        p.join();
    }
}

TEST_P(TestProcess, recursion) {
    const Mailbox out = mailbox();
    recurse(out, GetParam(), "");
    for (const char* id : {"[]", "[0]", "[00]", "[01]", "[1]", "[10]", "[11]"}) EXPECT_EQ(out.take(), id);
}

bool is_ready(int descriptor) {
    pollfd one{descriptor, POLLIN, 0};
    return ::poll(&one, 1, 0) == 1;
}

TEST_P(TestProcess, sentinel) {
    const Mailbox ready = mailbox(), release = mailbox();
    Process p = make(report_and_wait_for_release, ready, release);
    EXPECT_THROW(p.sentinel(), ValueError);
    p.start();
    const int sentinel = p.sentinel();
    EXPECT_FALSE(is_ready(sentinel));
    release.post("");
    p.join();
    EXPECT_TRUE(is_ready(sentinel));
    EXPECT_EQ(p.sentinel(), sentinel);
}

TEST_P(TestProcess, close) {
    const Mailbox ready = mailbox(), release = mailbox();
    Process p({.daemon = true, .start_method = GetParam()}, report_and_wait_for_release, ready, release);
    p.start();
    EXPECT_TRUE(p.is_alive());
    EXPECT_THROW(p.close(), ValueError);
    release.post("");
    p.join();
    EXPECT_FALSE(p.is_alive());
    EXPECT_EQ(p.exitcode(), 0);
    p.close();
    EXPECT_THROW(p.is_alive(), ValueError);
    EXPECT_THROW(p.join(), ValueError);
    EXPECT_THROW(p.terminate(), ValueError);
    p.close();
}

TEST_P(TestProcess, many_processes) {
    const int count = GetParam() == StartMethod::spawn ? 20 : 100;
    auto nothing = [] {};
    std::vector<Process> processes;
    for (int i = 0; i < count; ++i) processes.push_back(start(nothing));
    for (Process& p : processes) p.join();
    for (Process& p : processes) EXPECT_EQ(p.exitcode(), 0);

    processes.clear();
    auto wait = [] {
        for (;;) ::pause();
    };
    for (int i = 0; i < count; ++i) processes.push_back(start(wait));
    for (Process& p : processes) p.terminate();
    for (Process& p : processes) p.join();
    for (Process& p : processes) EXPECT_EQ(p.exitcode(), -SIGTERM);
}

// A callable that counts its instances.
struct Counted {
    inline static std::atomic<int> alive = 0;
    Counted() { ++alive; }
    Counted(const Counted&) { ++alive; }
    Counted& operator=(const Counted&) = default;
    ~Counted() { --alive; }

    void operator()(const Mailbox& out, const Counted&) const { out.post("5"); }
    template <class Archive>
    void serialize(Archive&) {}
};

TEST_P(TestProcess, lose_target_ref) {
    const Mailbox out = mailbox();
    Process p = make(Counted(), out, Counted());
    EXPECT_EQ(Counted::alive, 2);
    p.start();
    EXPECT_EQ(Counted::alive, 0);
    p.join();
    EXPECT_EQ(out.take(), "5");
}

TEST_P(TestProcess, wait_for_threads) {
    auto join_a_thread = [](const Mailbox& release, const Mailbox& out) {
        std::jthread thread([&] {
            release.take();
            out.post("set");
        });
    };
    const Mailbox release = mailbox(), out = mailbox();
    Process p = start(join_a_thread, release, out);
    EXPECT_TRUE(p.is_alive());
    release.post("");
    p.join();
    EXPECT_EQ(p.exitcode(), 0);
    EXPECT_EQ(out.take(), "set");
}

/// Closes a descriptor of this process, and opens it again in the end.
class Closed {
public:
    explicit Closed(int descriptor) : descriptor_(descriptor), copy_(::dup(descriptor)) { ::close(descriptor); }
    ~Closed() {
        ::dup2(copy_, descriptor_);
        ::close(copy_);
    }
    Closed(const Closed&) = delete;
    Closed& operator=(const Closed&) = delete;

private:
    int descriptor_;
    int copy_;
};

TEST_P(TestProcess, error_on_stdio_flush_1) {
    auto report = [](const Mailbox& out) { out.post("set"); };
    const Mailbox out = mailbox();
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
        int exitcode = -1;
        {
            Closed closed(stream);
            exitcode = run(report, out);
        }
        EXPECT_EQ(exitcode, 0);
        EXPECT_EQ(out.take(), "set");
    }
}

TEST_P(TestProcess, error_on_stdio_flush_2) {
    auto break_stream = [](const Mailbox& out, int descriptor) {
        std::fputs("never seen", descriptor == STDOUT_FILENO ? stdout : stderr);
        ::close(descriptor);
        out.post("set");
    };
    const Mailbox out = mailbox();
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
        EXPECT_EQ(run(break_stream, out, stream), 0);
        EXPECT_EQ(out.take(), "set");
    }
}

}  // namespace
}  // namespace cohort::test
