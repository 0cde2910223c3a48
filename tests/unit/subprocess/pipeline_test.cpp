// SPDX-License-Identifier: MIT
#include <cohort/subprocess/pipeline.hpp>

#include "os/fault.hpp"
#include "os/memfd.hpp"
#include "programs.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

namespace {

using namespace cohort::subprocess;
using namespace std::chrono_literals;
using cohort::os::Fault;
using cohort::test::shell;
using cohort::test::Words;

TEST(PipelineOfPrograms, joins_output_to_input) {
    const auto done = pipeline({{"printf", "b\\na\\nb\\n"}, {"sort"}, {"uniq", "-c"}}, {.out = PIPE});
    EXPECT_EQ(done.out(), "      1 a\n      2 b\n");
    EXPECT_EQ(done.returncodes(), std::vector<int>({0, 0, 0}));
    EXPECT_EQ(done.returncode(), 0);
    EXPECT_NO_THROW(done.check_returncode());
    EXPECT_EQ(done.steps[1].args, Words{"sort"});
}

TEST(PipelineOfPrograms, one_is_a_pipeline_too) {
    EXPECT_EQ(pipeline({{"cat"}}, {.input = "x", .capture_output = true}).out(), "x");
}

TEST(PipelineOfPrograms, each_has_its_status_and_its_errors) {
    const auto done = pipeline({shell("echo first >&2; exit 3"), shell("echo second >&2; kill -9 $$"), {"cat"}},
                               {.capture_output = true});
    EXPECT_EQ(done.returncodes(), std::vector<int>({3, -SIGKILL, 0}));
    EXPECT_EQ(done.steps[0].err, "first\n");
    EXPECT_EQ(done.steps[1].err, "second\n");
    EXPECT_EQ(done.steps[2].err, "");
    EXPECT_EQ(done.returncode(), -SIGKILL);
    EXPECT_THROW(done.check_returncode(), CalledProcessError);
    EXPECT_THROW(pipeline({{"false"}, {"true"}}, {.check = true}), CalledProcessError);
}

TEST(PipelineOfPrograms, a_program_that_reads_no_more_ends_the_one_before) {
    const auto done = pipeline({{"yes"}, {"head", "-n", "1"}}, {.out = PIPE});
    EXPECT_EQ(done.out(), "y\n");
    EXPECT_EQ(done.returncodes(), std::vector<int>({-SIGPIPE, 0}));
}

TEST(PipelineOfPrograms, any_sizes) {
    const std::string input(4 << 20, 'x');
    const auto done =
        pipeline({{"tee", "/dev/stderr"}, {"cat"}, {"tee", "/dev/stderr"}}, {.input = input, .capture_output = true});
    EXPECT_TRUE(done.out() == input);
    EXPECT_TRUE(done.steps[0].err == input);
    EXPECT_TRUE(done.steps[2].err == input);
}

TEST(PipelineOfPrograms, input_and_output_may_be_files) {
    const cohort::Descriptor in = cohort::os::memfd_create("in");
    cohort::os::write_all_at(in.get(), cohort::detail::bytes_of("b\na\n"), 0);
    const cohort::Descriptor out = cohort::os::memfd_create("out");
    EXPECT_EQ(pipeline({{"cat"}, {"sort"}}, {.in = in, .out = out}).returncode(), 0);
    EXPECT_EQ(cohort::os::read_file(("/proc/self/fd/" + std::to_string(out.get())).c_str()), "a\nb\n");
}

TEST(PipelineOfPrograms, a_timeout_ends_all) {
    try {
        pipeline({shell("echo out; echo err >&2; exec sleep 1000"), {"cat"}}, {.capture_output = true, .timeout = 2s});
        FAIL();
    } catch (const TimeoutExpired& error) {
        EXPECT_EQ(error.out, "out\n");
        EXPECT_EQ(error.err, "err\n");
        EXPECT_EQ(error.cmd.back(), "cat");
    }
}

TEST(PipelineOfPrograms, one_that_cannot_be_killed_saves_no_other) {
    Fault denied("pidfd_send_signal", EPERM);
    // The first one ends with its input.
    EXPECT_THROW(pipeline({{"cat"}, {"sleep", "1000"}}, {.in = PIPE, .timeout = 0s}), TimeoutExpired);
    EXPECT_EQ(denied.calls(), 2);
}

TEST(PipelineOfPrograms, lines_go_to_functions) {
    Words lines;
    Words errors;
    pipeline({shell("seq 3; echo a >&2"), shell("cat; echo b >&2")},
             {.on_out = [&](std::string_view line) { lines.emplace_back(line); },
              .on_err = [&](std::string_view line) { errors.emplace_back(line); }});
    EXPECT_EQ(lines, Words({"1", "2", "3"}));
    EXPECT_EQ(errors.size(), 2U);
}

TEST(PipelineOfPrograms, the_programs_have_no_other_descriptors) {
    const auto done = pipeline({{"true"}, {"true"}, shell(cohort::test::list_descriptors())}, {.capture_output = true});
    EXPECT_EQ(done.out(), "0 1 2 ");
}

}  // namespace
