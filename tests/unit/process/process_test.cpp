// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/process/process.hpp>

#include "process/forkserver.hpp"
#include "support/leak_check.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

namespace {

using cohort::Process;
using cohort::StartMethod;

const bool settled = [] {
    cohort::test::after_each_test([] { cohort::process::stop_forkserver(); });
    return true;
}();

class ProcessByAnyMethod : public testing::TestWithParam<StartMethod> {};

INSTANTIATE_TEST_SUITE_P(, ProcessByAnyMethod, testing::ValuesIn(cohort::get_all_start_methods()),
                         [](const auto& method) { return std::string(cohort::to_string(method.param)); });

void leave_with(int code) {
    std::exit(code);
}

std::optional<int> exitcode_of(Process process) {
    process.start();
    process.join();
    return process.exitcode();
}

TEST_P(ProcessByAnyMethod, gives_the_exit_code) {
    EXPECT_EQ(exitcode_of(Process({.start_method = GetParam()})), 0);
    EXPECT_EQ(exitcode_of(Process({.start_method = GetParam()}, leave_with, 3)), 3);
    EXPECT_EQ(exitcode_of(Process({.start_method = GetParam()}, [] { std::raise(SIGKILL); })), -SIGKILL);
}

TEST_P(ProcessByAnyMethod, an_exception_is_exit_code_1) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(
        exitcode_of(Process({.name = "worker", .start_method = GetParam()}, [] { throw std::runtime_error("no"); })),
        1);
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_NE(text.find("Process worker:"), std::string::npos) << text;
    EXPECT_NE(text.find("std::runtime_error: no"), std::string::npos) << text;
}

TEST_P(ProcessByAnyMethod, knows_who_it_is) {
    auto check = [](const std::string& name, pid_t parent) {
        const auto& self = cohort::current_process();
        const bool right =
            self.name() == name && cohort::parent_process()->pid() == parent && cohort::parent_process()->is_alive();
        std::exit(right ? 0 : 1);
    };
    EXPECT_EQ(
        exitcode_of(Process({.name = "x", .start_method = GetParam()}, check, "x", *cohort::current_process().pid())),
        0);
}

TEST(Process, what_cannot_cross_is_found_at_start) {
    int local = 0;
    Process process({.start_method = StartMethod::spawn}, [&local] { ++local; });
    EXPECT_THROW(process.start(), cohort::SerializationError);
    EXPECT_EQ(process.pid(), std::nullopt);
}

class Stateful : public Process {
public:
    using Process::Process;
    void run() override { std::exit(5); }
};

class Portable : public cohort::ProcessOf<Portable> {
public:
    using ProcessOf::ProcessOf;
    void run() override { std::exit(code); }
    template <class Archive>
    void serialize(Archive& archive) {
        archive(code);
    }
    int code = 0;
};

TEST_P(ProcessByAnyMethod, a_portable_subclass_runs_its_own_run) {
    Portable process({.start_method = GetParam()});
    process.code = 6;
    process.start();
    process.join();
    EXPECT_EQ(process.exitcode(), 6);
}

class Derived : public Portable {
public:
    using Portable::Portable;
    void run() override { std::exit(code + 1); }
};

TEST_P(ProcessByAnyMethod, a_class_derived_from_a_portable_one_is_not_cut_off) {
    Derived process({.start_method = GetParam()});
    if (GetParam() != StartMethod::fork) {
        EXPECT_THROW(process.start(), cohort::SerializationError);
        return;
    }
    process.start();
    process.join();
    EXPECT_EQ(process.exitcode(), 1);
}

TEST(Process, a_subclass_runs_its_own_run) {
    Stateful process;
    EXPECT_EQ(process.name().rfind("Stateful-", 0), 0U);
    process.start();
    process.join();
    EXPECT_EQ(process.exitcode(), 5);
}

TEST(Process, a_plain_subclass_cannot_cross_to_a_fresh_image) {
    Stateful process({.start_method = StartMethod::spawn});
    EXPECT_THROW(process.start(), cohort::SerializationError);
}

TEST(Process, a_sliced_subclass_refuses_to_start) {
    std::vector<Process> processes;
    processes.push_back(Stateful());
    EXPECT_THROW(processes.front().start(), cohort::ValueError);
}

TEST(Process, misuse_is_a_value_error) {
    Process process([] {});
    EXPECT_THROW(process.join(), cohort::ValueError);
    EXPECT_THROW(process.terminate(), cohort::ValueError);
    EXPECT_THROW(process.sentinel(), cohort::ValueError);
    process.start();
    EXPECT_THROW(process.start(), cohort::ValueError);
    EXPECT_THROW(process.set_daemon(true), cohort::ValueError);
    process.join();
    process.close();
    EXPECT_THROW(process.is_alive(), cohort::ValueError);
}

TEST(Process, prints_as_python_does) {
    Process process({.name = "it's"}, [] {});
    std::ostringstream text;
    text << process;
    EXPECT_EQ(text.str(),
              "<Process name=\"it's\" parent=" + std::to_string(*cohort::current_process().pid()) + " initial>");
    const Process other = std::move(process);
    text.str("");
    text << process;  // NOLINT(bugprone-use-after-move): that is what is asked
    EXPECT_EQ(text.str(), "<Process moved>");
}

}  // namespace
