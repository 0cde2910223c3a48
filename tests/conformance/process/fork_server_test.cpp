// SPDX-License-Identifier: MIT
// The server that forks the children of StartMethod::forkserver.
#include <cohort/base/errors.hpp>
#include <cohort/process/current_process.hpp>

#include "conformance/start_methods.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>

namespace cohort::test {
namespace {

namespace fs = std::filesystem;

class ForkServer : public OneStartMethod<StartMethod::forkserver> {
protected:
    /// The server of this process.
    pid_t server() {
        const Mailbox out = mailbox();
        run(report_parent_pid, out);
        return std::stoi(out.take());
    }
    static void report_parent_pid(const Mailbox& out) { out.post(std::to_string(::getppid())); }

    void check_replaced_after(int signal);
};

TEST_F(ForkServer, children_are_forked_by_one_server) {
    const pid_t first = server();
    EXPECT_EQ(server(), first);
    EXPECT_NE(first, ::getpid());
    const fs::path tasks = "/proc/" + std::to_string(first) + "/task";
    EXPECT_EQ(std::distance(fs::directory_iterator(tasks), fs::directory_iterator()), 1);
}

TEST_F(ForkServer, children_say_who_started_them) {
    auto check = [](pid_t parent) { std::exit(parent_process().value().pid() == parent ? 0 : 1); };
    EXPECT_EQ(run(check, ::getpid()), 0);
}

/// The inodes of a process's sockets.
std::set<std::string> sockets_of(pid_t pid) {
    std::set<std::string> inodes;
    for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(pid) + "/fd")) {
        const std::string target = fs::read_symlink(entry.path()).string();
        if (target.starts_with("socket:[")) inodes.insert(target.substr(8, target.size() - 9));
    }
    return inodes;
}

// Its only sockets are ends of pairs, which have no address: /proc/net/unix shows neither a path nor a listener.
TEST_F(ForkServer, requests_of_others_are_refused) {
    const auto sockets = sockets_of(server());
    EXPECT_FALSE(sockets.empty());
    std::ifstream table("/proc/net/unix");
    std::string line;
    std::getline(table, line);  // the names of the columns
    std::size_t found = 0;
    while (std::getline(table, line)) {
        std::istringstream fields(line);
        std::string address, count, protocol, flags, type, state, inode, path;
        fields >> address >> count >> protocol >> flags >> type >> state >> inode >> path;
        if (!sockets.contains(inode)) continue;
        ++found;
        EXPECT_EQ(path, "");
        EXPECT_EQ(flags, "00000000");
    }
    EXPECT_EQ(found, sockets.size());
}

TEST_F(ForkServer, children_do_not_hold_its_sockets) {
    auto report = [](const Mailbox& out) {
        const auto own = sockets_of(::getpid());
        const auto servers = sockets_of(::getppid());
        for (const std::string& inode : own)
            if (servers.contains(inode)) out.post("shared");
        out.post("end");
    };
    const Mailbox out = mailbox();
    EXPECT_EQ(run(report, out), 0);
    EXPECT_EQ(out.take(), "end");
}

void ForkServer::check_replaced_after(int signal) {
    const Mailbox ready = mailbox(), release = mailbox();
    const pid_t before = server();
    Process waiting = start(report_and_wait_for_release, ready, release);
    ready.take();
    ::kill(before, signal);
    if (signal == SIGKILL) wait_for_end(before);

    EXPECT_EQ(run([] {}), 0);
    release.post("");
    waiting.join();
    EXPECT_TRUE(waiting.exitcode() == 0 || waiting.exitcode() == 255) << waiting.exitcode().value();
}

TEST_F(ForkServer, replaced_after_sigint) {
    check_replaced_after(SIGINT);
}

TEST_F(ForkServer, replaced_after_sigkill) {
    check_replaced_after(SIGKILL);
}

int preloaded = 0;
std::string preload_log;

TEST_F(ForkServer, preload_runs_once) {
    // In a child: its server has not been started yet.
    auto preload_and_start = [](const std::string& path) {
        ::setenv("COHORT_PRELOAD", path.c_str(), 1);
        set_forkserver_preload([] {
            ++preloaded;
            std::ofstream(std::getenv("COHORT_PRELOAD"), std::ios::app) << "preload\n";
        });
        for (int i = 0; i < 2; ++i)
            if (run([] { std::exit(preloaded); }) != 1) std::exit(1);
    };
    Process p({.start_method = StartMethod::fork}, preload_and_start, file("log"));
    p.start();
    p.join();
    EXPECT_EQ(p.exitcode(), 0);
    EXPECT_EQ(text_of(file("log")), "preload\n");
}

TEST_F(ForkServer, blocks_and_ignores_no_signal) {
    // In a child: its server has not been started yet.
    auto start_with_signals_blocked = [] {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
        std::signal(SIGUSR1, SIG_IGN);
        Process p = start([] { ::pause(); });
        p.terminate();
        p.join();
        Process q = start([] { std::raise(SIGUSR1); });
        q.join();
        std::exit(p.exitcode() == -SIGTERM && q.exitcode() == -SIGUSR1 ? 0 : 1);
    };
    Process p({.start_method = StartMethod::fork}, start_with_signals_blocked);
    p.start();
    p.join();
    EXPECT_EQ(p.exitcode(), 0);
}

}  // namespace
}  // namespace cohort::test
