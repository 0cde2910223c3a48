// SPDX-License-Identifier: MIT
// What CPython's _TestLogging shows, for each start method.
#include <cohort/base/log.hpp>
#include <cohort/process/current_process.hpp>

#include "conformance/start_methods.hpp"

#include <string>
#include <vector>

namespace cohort::test {
namespace {

class TestLogging : public StartMethods {
protected:
    void SetUp() override { before_ = get_logger().level(); }
    void TearDown() override {
        get_logger().set_handler(nullptr);
        get_logger().set_level(before_);
        StartMethods::TearDown();
    }

private:
    LogLevel before_{};
};
INSTANTIATE_TEST_SUITE_P(, TestLogging, kEveryStartMethod, name_of);

std::vector<std::string> lines;

void keep(LogLevel, std::string_view line) {
    lines.emplace_back(line);
}

TEST_P(TestLogging, enable_logging) {
    lines.clear();
    get_logger().set_handler(keep);
    get_logger().set_level(LogLevel::subwarning);
    get_logger().debug("this is not printed");
    get_logger().info("nor is this");
    get_logger().warning("this is");
    EXPECT_EQ(lines, std::vector<std::string>{"[WARNING/MainProcess] this is"});
}

TEST_P(TestLogging, level) {
    auto report = [](const Mailbox& out) { out.post(to_string(get_logger().effective_level())); };
    const Mailbox out = mailbox();
    for (const int level : {32, 37}) {
        get_logger().set_level(static_cast<LogLevel>(level));
        EXPECT_EQ(run(report, out), 0);
        EXPECT_EQ(out.take(), "Level " + std::to_string(level));
    }
}

TEST_P(TestLogging, name_of_the_child) {
    auto log = [](const Mailbox& out) {
        static Mailbox mailbox;
        mailbox = out;
        get_logger().set_handler([](LogLevel, std::string_view line) { mailbox.post(line); });
        get_logger().error("text ", 1);
        get_logger().set_handler(nullptr);
    };
    const Mailbox out = mailbox();
    Process p({.name = "Worker", .start_method = GetParam()}, log, out);
    p.start();
    p.join();
    EXPECT_EQ(out.take(), "[ERROR/Worker] text 1");
}

}  // namespace
}  // namespace cohort::test
