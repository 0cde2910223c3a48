// SPDX-License-Identifier: MIT
// Kills the root of a tree of processes at random moments: nothing may outlive it.
#include "conformance/start_methods.hpp"
#include "programs/runner.hpp"
#include "support/counts.hpp"
#include "support/process_list.hpp"
#include "support/subreaper.hpp"

#include <poll.h>
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

constexpr int kProcesses = 1 + 3 + 9;

std::set<std::string> names_in(const fs::path& folder) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().string());
    return names;
}

class Tree : public ProcessTest {
protected:
    Tree() { become_subreaper(); }

    void kill_at_random_moments(std::vector<std::string> arguments) {
        const auto seed = std::random_device{}();
        RecordProperty("seed", std::to_string(seed));
        std::mt19937 random(seed);
        const auto files_before = names_in(fs::temp_directory_path());
        const std::size_t descriptors_before = count_descriptors();
        for (std::size_t round = 0; round < repetitions(200); ++round) {
            SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
            kill_once(arguments, random);
            ASSERT_FALSE(HasFailure());
        }
        // Names in /dev/shm are looked for after each test: it can tell those of test programs that run now.
        EXPECT_EQ(names_in(fs::temp_directory_path()), files_before);
        EXPECT_EQ(count_descriptors(), descriptors_before);
    }

private:
    void kill_once(std::vector<std::string> arguments, std::mt19937& random) {
        const bool warns_of_threads = !arguments.empty();
        MailboxOwner ready(file("ready"));
        arguments.insert(arguments.begin(), ready.mailbox().path);
        Program tree("tree", std::move(arguments));
        for (auto left = random() % (kProcesses + 1); left > 0; --left) ready.mailbox().take();
        const timespec moment{0, static_cast<long>(random() % 5'000'000)};
        ::ppoll(nullptr, 0, &moment, nullptr);

        ::kill(tree.pid(), SIGKILL);
        EXPECT_EQ(tree.wait(), -SIGKILL);
        const bool all_ended = all_descendants_end(2s);
        for (const ProcessEntry& survivor : descendants(::getpid())) {
            ADD_FAILURE() << "outlived its parent: " << to_string(survivor);
            ::kill(survivor.pid, SIGKILL);
        }
        EXPECT_TRUE(all_ended);
        if (!warns_of_threads) {
            EXPECT_EQ(tree.err(), "");  // nobody complains while it is being killed
        }
    }
};

TEST_F(Tree, nothing_outlives_a_killed_parent) {
    kill_at_random_moments({});
}

TEST_F(Tree, nor_does_what_threads_have_started) {
    kill_at_random_moments({"threads"});
}

TEST_F(Tree, nor_does_what_threads_are_starting) {
    kill_at_random_moments({"churn"});
}

}  // namespace
}  // namespace cohort::test
