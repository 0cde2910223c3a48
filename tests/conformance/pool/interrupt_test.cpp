// SPDX-License-Identifier: MIT
#include "conformance/pool/pool_test.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/serial/partial.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace {

class PoolInterrupt : public PoolTest {};
INSTANTIATE_POOL_TESTS(PoolInterrupt);

int square(int i) {
    return i * i;
}

/// Tells that it runs, and stays until it may go.
int stay(const std::string& runs, const std::string& go, int i) {
    std::ofstream opened(runs);
    std::ifstream allowed(go);
    return i;
}

}  // namespace

TEST_P(PoolInterrupt, a_waiting_call_throws_and_the_pool_can_still_be_used) {
    const std::string runs = cohort::test::temporary_folder() + "/runs";
    const std::string go = cohort::test::temporary_folder() + "/go";
    ASSERT_EQ(mkfifo(runs.c_str(), 0600), 0);
    ASSERT_EQ(mkfifo(go.c_str(), 0600), 0);
    cohort::Pool pool(options(1));
    std::thread key([&] {
        std::ifstream task_runs(runs);
        kill(getpid(), SIGINT);
    });
    EXPECT_THROW(pool.map(cohort::partial(stay, runs, go), {1, 2, 3}), cohort::Interrupted);
    key.join();
    EXPECT_EQ(signal(SIGINT, SIG_DFL), SIG_DFL);
    // The task that ran goes on; of the others nothing is handed out any more, or a second one would wait for a reader.
    std::ofstream allow(go);
    EXPECT_EQ(pool.apply(square, 3), 9);
    std::filesystem::remove(runs);
    std::filesystem::remove(go);
}

TEST_P(PoolInterrupt, a_handler_of_the_program_is_left_alone) {
    static volatile sig_atomic_t handled = 0;
    handled = 0;
    const auto before = signal(SIGINT, [](int) { handled = 1; });
    cohort::Pool pool(options(1));
    const auto interrupt_parent = [](int parent) { return kill(parent, SIGINT); };
    EXPECT_EQ(pool.apply(interrupt_parent, getpid()), 0);
    EXPECT_EQ(handled, 1);
    signal(SIGINT, before);
}
