// SPDX-License-Identifier: MIT
// Many starts at once, while descriptors that are not closed on exec come and go in another thread.
#include <cohort/subprocess/popen.hpp>
#include <cohort/subprocess/run.hpp>

#include "programs.hpp"
#include "support/counts.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace cohort::subprocess;
using cohort::test::shell;

constexpr int kThreads = 8;

/// Opens and closes what an exec would hand on, until the end.
void open_and_close(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const int file = ::open("/dev/null", O_RDONLY);
        int ends[2];
        if (::pipe(ends) != 0) continue;
        ::close(ends[0]);
        ::close(ends[1]);
        ::close(file);
    }
}

/// A program that says which descriptors it has, and gives back its input.
const std::vector<std::string> kProgram{"sh", "-c",
                                        "for f in /proc/$$/fd/*; do test -e $f || continue; case ${f##*/} in 0|1|2|10) "
                                        ";; *) echo stray $f ;; esac; done; exec cat"};

TEST(ManyStarts, each_is_reaped_and_sees_nothing_of_the_others) {
    const std::size_t starts = cohort::test::repetitions(10'000);
    std::atomic<std::size_t> begun{0};
    std::atomic<std::size_t> good{0};
    std::jthread disturber(open_and_close);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i != kThreads; ++i)
            threads.emplace_back([&] {
                for (std::size_t number; (number = begun++) < starts;) {
                    const std::string input = std::to_string(number);
                    const auto done = run(kProgram, {.input = input, .capture_output = true});
                    EXPECT_EQ(done.out, input);
                    good += done.out == input && done.returncode == 0;
                }
            });
    }
    disturber.request_stop();
    disturber.join();
    EXPECT_EQ(good, starts);
    EXPECT_TRUE(cohort::test::has_no_child());
}

}  // namespace
