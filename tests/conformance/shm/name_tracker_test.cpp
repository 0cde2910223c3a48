// SPDX-License-Identifier: MIT
// The process that removes names when a tree of processes has ended.
#include "conformance/start_methods.hpp"
#include "support/forked_child.hpp"
#include "support/process_list.hpp"

#include <cohort/shm/shared_memory.hpp>

#include "process/forkserver.hpp"
#include "process/tree_pipe.hpp"

#include <atomic>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

namespace fs = std::filesystem;

std::string target(const fs::path& link) {
    std::error_code gone;
    return fs::read_symlink(link, gone).string();
}

std::vector<std::string> descriptors_of(const std::string& pid) {
    std::vector<std::string> targets;
    for (const std::string& number : names_in("/proc/" + pid + "/fd"))
        targets.push_back(target("/proc/" + pid + "/fd/" + number));
    return targets;
}

/// The trackers of this test's tree.
std::vector<pid_t> trackers() {
    const std::string pipe = target("/proc/self/fd/" + std::to_string(process::tree_pipe()));
    std::vector<pid_t> found;
    for (const std::string& pid : names_in("/proc")) {
        if (text_of_file("/proc/" + pid + "/comm") != "cohort-tracker\n") continue;
        for (const std::string& open : descriptors_of(pid))
            if (open == pipe) found.push_back(std::stoi(pid));
    }
    return found;
}

pid_t tracker() {
    const auto all = trackers();
    return all.size() == 1 ? all.front() : throw std::runtime_error(std::to_string(all.size()) + " trackers");
}

bool exists(const std::string& name) {
    return fs::exists("/dev/shm/" + name);
}

/// This process leaves its tree, which so has ended; and waits until the tracker has done its work.
void end_the_tree() {
    const pid_t pid = tracker();
    process::leave_tree();
    wait_for_end(pid);
}

/// Under a name that no leak check of another test program looks for: it is left for a while, and unmapped.
std::string leave_a_name() {
    static int number = 0;
    const std::string name = "names-test-" + std::to_string(::getpid()) + "-" + std::to_string(number++);
    return SharedMemory({.create = true, .size = 1, .name = name}).name();
}

class NameTracker : public ProcessTest {};
class TestResourceTracker : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, TestResourceTracker, kEveryStartMethod, name_of);

TEST_F(NameTracker, removes_what_is_left_when_the_tree_has_ended) {
    const std::string left = leave_a_name(), other = leave_a_name();
    SharedMemory gone({.create = true, .size = 1});
    gone.unlink();
    SharedMemory untracked({.create = true, .size = 1, .track = false});
    end_the_tree();
    EXPECT_FALSE(exists(left));
    EXPECT_FALSE(exists(other));
    EXPECT_TRUE(exists(untracked.name()));
    untracked.unlink();
}

TEST_F(NameTracker, there_is_none_without_a_tracked_name) {
    SharedMemory memory({.create = true, .size = 1, .track = false});
    memory.unlink();
    EXPECT_TRUE(trackers().empty());
}

TEST_F(NameTracker, has_nothing_of_the_process_that_started_it) {
    SharedMemory memory({.create = true, .size = 1});
    const std::string pid = std::to_string(tracker());
    const auto open = descriptors_of(pid);
    EXPECT_EQ(open.size(), 4U);
    EXPECT_EQ(std::count(open.begin(), open.end(), "/dev/null"), 3);
    EXPECT_EQ(target("/proc/" + pid + "/cwd"), "/");
    memory.unlink();
}

TEST_F(NameTracker, a_closed_descriptor_begins_another_tree) {
    const std::string first = leave_a_name();
    const pid_t first_tracker = tracker();
    const int pipe = process::tree_pipe();
    ASSERT_EQ(::dup2(STDOUT_FILENO, pipe), pipe);  // the number is another file's now
    wait_for_end(first_tracker);
    EXPECT_FALSE(exists(first));
    const std::string second = leave_a_name();
    EXPECT_TRUE(exists(second));
    end_the_tree();
    EXPECT_FALSE(exists(second));
    ::close(pipe);
}

TEST_F(NameTracker, many_names) {
    std::vector<std::string> names;
    for (int i = 0; i < 500; ++i) names.push_back(leave_a_name());
    end_the_tree();
    for (const std::string& name : names) EXPECT_FALSE(exists(name));
}

// A fork in one thread while another one starts the tracker or speaks to it.
TEST_F(NameTracker, fork_deadlock) {
    std::atomic<bool> stop{false};
    std::thread maker([&] {
        while (!stop) SharedMemory({.create = true, .size = 1}).unlink();
    });
    for (int i = 0; i < 50; ++i) {
        ForkedChild child([] { SharedMemory({.create = true, .size = 1}).unlink(); });
        EXPECT_EQ(child.wait().exitcode(), 0);
    }
    stop = true;
    maker.join();
    EXPECT_EQ(trackers().size(), 1U);
}

TEST_P(TestResourceTracker, sigint_and_sigterm) {
    const std::string left = leave_a_name();
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) ::kill(tracker(), signal);
    EXPECT_TRUE(exists(left));
    const Mailbox out = mailbox();
    EXPECT_EQ(run([](const Mailbox& names) { names.post(leave_a_name()); }, out), 0);
    const std::string of_child = out.take();
    process::stop_forkserver();
    end_the_tree();
    EXPECT_FALSE(exists(left));
    EXPECT_FALSE(exists(of_child));
}

TEST_P(TestResourceTracker, sigkill) {
    const std::string before = leave_a_name();
    const pid_t first = tracker();
    ::kill(first, SIGKILL);
    wait_for_end(first);
    const std::string after = leave_a_name();
    EXPECT_NE(tracker(), first);
    process::stop_forkserver();
    end_the_tree();
    EXPECT_FALSE(exists(before));
    EXPECT_FALSE(exists(after));
}

TEST_P(TestResourceTracker, reused) {
    // Whoever is the first: all processes of the tree have the same one.
    const Mailbox out = mailbox();
    auto make_two_deep = [](const Mailbox& names) {
        names.post(leave_a_name());
        Process grandchild([](const Mailbox& more) { more.post(leave_a_name()); }, names);
        grandchild.start();
        grandchild.join();
    };
    EXPECT_EQ(run(make_two_deep, out), 0);
    std::vector<std::string> names{out.take(), out.take()};
    const pid_t first = tracker();
    names.push_back(leave_a_name());
    EXPECT_EQ(tracker(), first);
    for (const std::string& name : names) EXPECT_TRUE(exists(name));
    process::stop_forkserver();
    end_the_tree();
    for (const std::string& name : names) EXPECT_FALSE(exists(name));
}

TEST_P(TestResourceTracker, lives_as_long_as_any_process) {
    const std::string left = leave_a_name();
    const Mailbox ready = mailbox(), release = mailbox();
    Process child = start(report_and_wait_for_release, ready, release);
    ready.take();
    const pid_t pid = tracker();
    process::leave_tree();
    EXPECT_TRUE(is_running(pid));
    EXPECT_TRUE(exists(left));
    release.post("");
    child.join();
    process::stop_forkserver();
    wait_for_end(pid);
    EXPECT_FALSE(exists(left));
}

}  // namespace
}  // namespace cohort::test
