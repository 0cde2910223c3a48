// SPDX-License-Identifier: MIT
// Processes with named shared memory end in every way: what is tracked is gone, what is not stays.
#include "conformance/start_methods.hpp"
#include "programs/runner.hpp"
#include "support/counts.hpp"
#include "support/process_list.hpp"
#include "support/subreaper.hpp"

#include <cohort/shm/shared_memory.hpp>

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <random>
#include <set>
#include <string>

namespace cohort::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// The program's tracker comes to this process when the program ends, and is waited for.
class SharedNames : public StartMethods {
protected:
    SharedNames() { become_subreaper(); }

    /// None that the leak checks of other test programs look for: these names are left for a while, and unmapped.
    static std::string name() { return "names-test-" + std::to_string(::getpid()) + ":\n\t "; }
    static bool exists() { return fs::exists("/dev/shm/" + name()); }

    /// What begins with it is there.
    static std::set<std::string> all_that_begin_with(const std::string& beginning) {
        std::set<std::string> found;
        for (const std::string& entry : names_in("/dev/shm"))
            if (entry.starts_with(beginning)) found.insert(entry);
        return found;
    }
};
INSTANTIATE_TEST_SUITE_P(, SharedNames, kEveryStartMethod, name_of);
class SharedNamesOfAProgram : public SharedNames {};
INSTANTIATE_TEST_SUITE_P(, SharedNamesOfAProgram, testing::Values(StartMethod::fork), name_of);

TEST_P(SharedNamesOfAProgram, are_removed_after_a_kill) {
    Program program("shared_names", {"hold", name()});
    std::string said = program.line();
    EXPECT_TRUE(exists());
    ::kill(program.pid(), SIGKILL);
    EXPECT_EQ(program.wait(), -SIGKILL);
    EXPECT_TRUE(all_descendants_end(20s));
    EXPECT_FALSE(exists());
}

TEST_P(SharedNamesOfAProgram, are_removed_when_the_whole_group_is_killed) {
    Program program("shared_names", {"hold", name()});
    program.line();
    ::kill(-program.pid(), SIGINT);
    ::kill(-program.pid(), SIGTERM);
    ::kill(-program.pid(), SIGKILL);
    program.wait();
    EXPECT_TRUE(all_descendants_end(20s));
    EXPECT_FALSE(exists());
}

TEST_P(SharedNamesOfAProgram, are_removed_after_an_end_without_unlink) {
    Program program("shared_names", {"return", name()});
    EXPECT_EQ(program.out() + program.err(), "");
    EXPECT_EQ(program.wait(), 0);
    EXPECT_TRUE(all_descendants_end(20s));
    EXPECT_FALSE(exists());
}

TEST_P(SharedNamesOfAProgram, stay_if_they_are_not_tracked) {
    Program program("shared_names", {"return", name(), "leave"});
    EXPECT_EQ(program.wait(), 0);
    EXPECT_TRUE(all_descendants_end(20s));
    EXPECT_TRUE(exists());
    SharedMemory({.name = name()}).unlink();
}

TEST_P(SharedNamesOfAProgram, stay_when_who_has_only_opened_them_ends) {
    SharedMemory memory({.create = true, .size = 1, .name = name(), .track = false});
    Program program("shared_names", {"attach", name()});
    EXPECT_EQ(program.wait(), 0);
    EXPECT_TRUE(all_descendants_end(20s));
    EXPECT_EQ(memory.buf()[0], std::byte{1});
    EXPECT_TRUE(exists());
    memory.unlink();
}

TEST_P(SharedNamesOfAProgram, are_not_removed_when_they_are_somebody_elses_by_now) {
    Program program("shared_names", {"hold", name()});
    program.line();
    fs::remove("/dev/shm/" + name());
    SharedMemory other({.create = true, .size = 3, .name = name(), .track = false});
    ::kill(program.pid(), SIGKILL);
    program.wait();
    EXPECT_TRUE(all_descendants_end(20s));
    EXPECT_TRUE(exists());
    other.unlink();
}

TEST_P(SharedNames, made_before_main_are_removed) {
    Program program("shared_names", {"global", std::string(to_string(GetParam()))},
                    {.environment = {"COHORT_TEST_MAKE_BEFORE_MAIN=" + name()}});
    EXPECT_EQ(program.err(), "");
    EXPECT_EQ(program.wait(), 0);
    EXPECT_TRUE(all_descendants_end(20s));
    EXPECT_EQ(all_that_begin_with(name()), std::set<std::string>());
}

// The root of a tree in which every process makes and unlinks segments is killed at random moments, and with it the
// tree: /dev/shm is as before.
TEST_P(SharedNamesOfAProgram, are_removed_when_a_tree_is_killed_at_random_moments) {
    constexpr int kProcesses = 1 + 3;
    const auto seed = std::random_device{}();
    RecordProperty("seed", std::to_string(seed));
    std::mt19937 random(seed);
    for (std::size_t round = 0; round < repetitions(300); ++round) {
        SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
        MailboxOwner ready(file("ready"));
        Program tree("shared_names", {"churn", ready.mailbox().path, name()});
        for (auto left = random() % (kProcesses + 1); left > 0; --left) ready.mailbox().take();
        const timespec moment{0, static_cast<long>(random() % 8'000'000)};
        ::ppoll(nullptr, 0, &moment, nullptr);
        ::kill(tree.pid(), SIGKILL);
        EXPECT_EQ(tree.wait(), -SIGKILL);
        ASSERT_TRUE(all_descendants_end(20s));
        ASSERT_EQ(all_that_begin_with(name()), std::set<std::string>());
    }
}

}  // namespace
}  // namespace cohort::test
