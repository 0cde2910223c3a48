// SPDX-License-Identifier: MIT
#include <cohort/base/log.hpp>

#include "os/exec.hpp"
#include "os/file.hpp"
#include "os/memfd.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace {

using cohort::get_logger;
using cohort::LogLevel;

std::string seen;

void see(LogLevel, std::string_view line) {
    seen.append(line).append("\n");
}

class Log : public testing::Test {
protected:
    Log() { seen.clear(); }
    ~Log() override {
        get_logger().set_handler(nullptr);
        get_logger().set_level(LogLevel::notset);
        cohort::detail::set_process_name_source(nullptr);
    }
};

TEST_F(Log, without_a_handler_nothing_is_wanted) {
    EXPECT_EQ(get_logger().level(), LogLevel::notset);
    EXPECT_FALSE(get_logger().is_enabled_for(LogLevel::critical));
    get_logger().critical("not written");
}

TEST_F(Log, a_line_has_the_level_and_the_process) {
    get_logger().set_handler(see);
    get_logger().set_level(LogLevel::subdebug);
    get_logger().subdebug("pid ", 12, ", ", 3U, " of ", std::string("them"));
    get_logger().subwarning("half ", 0.5);
    cohort::detail::set_process_name_source([] { return std::string("Process-1:2"); });
    get_logger().log(static_cast<LogLevel>(15), "between");
    EXPECT_EQ(seen,
              "[SUBDEBUG/MainProcess] pid 12, 3 of them\n[SUBWARNING/MainProcess] half 0.5\n"
              "[Level 15/Process-1:2] between\n");
}

TEST_F(Log, less_important_messages_are_not_written) {
    get_logger().set_handler(see);
    get_logger().warning("one");  // the level of a logger whose level is not set
    get_logger().info("not this");
    get_logger().set_level(LogLevel::error);
    get_logger().warning("nor this");
    get_logger().error("two");
    EXPECT_EQ(seen, "[WARNING/MainProcess] one\n[ERROR/MainProcess] two\n");
}

TEST_F(Log, log_to_stderr_keeps_the_level_unless_told) {
    cohort::log_to_stderr(LogLevel::info);
    EXPECT_EQ(&cohort::log_to_stderr(), &get_logger());
    EXPECT_EQ(get_logger().level(), LogLevel::info);
    testing::internal::CaptureStderr();
    get_logger().info("hello");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "[INFO/MainProcess] hello\n");
}

/// What this program writes to stderr when it runs the test again with this value of COHORT_LOG.
std::string stderr_with(const std::string& value) {
    cohort::Descriptor file = cohort::os::memfd_create("stderr");
    auto again = cohort::os::start_program(
        {.path = "/proc/self/exe",
         .arguments = {"again", "--gtest_filter=Log.the_environment_switches_it_on", "--gtest_brief=1"},
         .environment = {{"COHORT_LOG=" + value, "COHORT_TEST_AGAIN=1"}},
         .descriptors = {{file.get(), 2}}});
    EXPECT_TRUE(again.process.wait(cohort::forever)->success());
    return cohort::os::read_file(("/proc/self/fd/" + std::to_string(file.get())).c_str());
}

TEST_F(Log, the_environment_switches_it_on) {
    if (std::getenv("COHORT_TEST_AGAIN")) return get_logger().info("ready");
    EXPECT_EQ(stderr_with("info"), "[INFO/MainProcess] ready\n");
    EXPECT_EQ(stderr_with("ERROR"), "");
    EXPECT_EQ(stderr_with(""), "");
    EXPECT_EQ(stderr_with("loud").rfind("[WARNING/MainProcess] COHORT_LOG=loud is no level", 0), 0U);
}

TEST_F(Log, levels_have_names) {
    EXPECT_EQ(cohort::parse_log_level("debug"), LogLevel::debug);
    EXPECT_EQ(cohort::parse_log_level("SubWarning"), LogLevel::subwarning);
    EXPECT_EQ(cohort::parse_log_level("warn"), std::nullopt);
    EXPECT_EQ(to_string(LogLevel::critical), "CRITICAL");
}

}  // namespace
