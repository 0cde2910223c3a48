// SPDX-License-Identifier: MIT
// What CPython's TestStartMethod and the small classes beside it show, for each start method.
#include <cohort/process/current_process.hpp>

#include "conformance/start_methods.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <vector>

namespace cohort::test {
namespace {

class TestStartMethod : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, TestStartMethod, kEveryStartMethod, name_of);

void report_method(const Mailbox& out) {
    out.post(to_string(get_start_method()));
}

TEST_P(TestStartMethod, context) {
    const Mailbox out = mailbox();
    EXPECT_EQ(run(report_method, out), 0);
    EXPECT_EQ(out.take(), to_string(GetParam()));
}

TEST_P(TestStartMethod, set_get) {
    const Mailbox out = mailbox();
    const StartMethod before = get_start_method();
    set_start_method(GetParam(), true);
    EXPECT_EQ(get_start_method(), GetParam());
    Process p(report_method, out);
    p.start();
    p.join();
    EXPECT_EQ(out.take(), to_string(GetParam()));
    set_start_method(before, true);
}

TEST_P(TestStartMethod, get_all_start_methods) {
    const auto all = get_all_start_methods();
    EXPECT_EQ(all.size(), 3U);
    EXPECT_EQ(std::ranges::count(all, GetParam()), 1);
    EXPECT_EQ(all.front(), StartMethod::fork);
}

void start_one_of(StartMethod method, const Mailbox& out) {
    Process p({.start_method = method}, report_method, out);
    p.start();
    p.join();
    std::exit(p.exitcode().value());
}

TEST_P(TestStartMethod, mixed_startmethod) {
    const Mailbox out = mailbox();
    std::vector<Process> processes;
    for (const StartMethod inner : get_all_start_methods()) processes.push_back(start(start_one_of, inner, out));
    for (Process& p : processes) p.join();
    for (Process& p : processes) EXPECT_EQ(p.exitcode(), 0);
    std::vector<std::string> said{out.take(), out.take(), out.take()};
    std::ranges::sort(said);
    EXPECT_EQ(said, (std::vector<std::string>{"fork", "forkserver", "spawn"}));
}

void put(const Mailbox& out, const std::string& text) {
    out.post(text);
}

void put_and_nest(const Mailbox& out) {
    out.post("2");
    Process p(put, out, "1");
    p.start();
    p.join();
}

TEST_P(TestStartMethod, nested_startmethod) {
    const Mailbox out = mailbox();
    EXPECT_EQ(run(put_and_nest, out), 0);
    EXPECT_EQ(out.take(), "2");
    EXPECT_EQ(out.take(), "1");
}

class TestCloseFds : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, TestCloseFds, kEveryStartMethod, name_of);

TEST_P(TestCloseFds, closefd) {
    auto report = [](const Mailbox& out, int descriptor) {
        out.post(::fcntl(descriptor, F_GETFD) < 0 ? "closed" : "open");
    };
    const Mailbox out = mailbox();
    const int low = ::socket(AF_INET, SOCK_STREAM, 0);
    const int high = ::fcntl(low, F_DUPFD, 50);  // not close-on-exec: what a careless program leaves open
    EXPECT_EQ(run(report, out, high), 0);
    EXPECT_EQ(out.take(), GetParam() == StartMethod::fork ? "open" : "closed");
    ::close(high);
    ::close(low);
}

class TestStdinBadfiledescriptor : public WithoutStdin {};
INSTANTIATE_TEST_SUITE_P(, TestStdinBadfiledescriptor, kEveryStartMethod, name_of);

TEST_P(TestStdinBadfiledescriptor, process_in_process) {
    const Mailbox out = mailbox();
    EXPECT_EQ(run(put_and_nest, out), 0);
    EXPECT_EQ(out.take(), "2");
    EXPECT_EQ(out.take(), "1");
}

TEST_P(TestStdinBadfiledescriptor, flushing) {
    auto flush = [](const std::string& path) {
        std::ofstream stream(path, std::ios::app);
        stream << "foo";
    };
    EXPECT_EQ(run(flush, file("text")), 0);
    EXPECT_EQ(text_of(file("text")), "foo");
}

class TestAtExit : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, TestAtExit, kEveryStartMethod, name_of);

TEST_P(TestAtExit, atexit) {
    auto register_handlers = [](const std::string& path) {
        static std::string output;
        output = path;
        for (const auto handler : {+[] { std::ofstream(output, std::ios::app) << "beef"; },
                                   +[] { std::ofstream(output, std::ios::app) << "dead"; }})
            std::atexit(handler);
    };
    EXPECT_EQ(run(register_handlers, file("output")), 0);
    EXPECT_EQ(text_of(file("output")), "deadbeef");
}

class TestForkAwareThreadLock : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, TestForkAwareThreadLock, kEveryStartMethod, name_of);

// What the runtime keeps for each generation, seen as descriptors and mappings.
void nest(int generations, const Mailbox& out) {
    out.post(std::to_string(count_descriptors()));
    if (generations == 1) return;
    Process p(nest, generations - 1, out);
    p.start();
    p.join();
    std::exit(p.exitcode().value());
}

TEST_P(TestForkAwareThreadLock, lock) {
    const Mailbox out = mailbox();
    EXPECT_EQ(run(nest, 5, out), 0);
    const int first = std::stoi(out.take());
    for (int generation = 2; generation <= 5; ++generation) EXPECT_LE(std::stoi(out.take()), first) << generation;
}

class MiscTestCase : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, MiscTestCase, kEveryStartMethod, name_of);

TEST_P(MiscTestCase, child_starts_threads) {
    auto use_threads = [] {
        int sum = 0;
        std::vector<std::thread> threads;
        for (int i = 1; i <= 3; ++i) {
            threads.emplace_back([&sum, i] { sum += i; });
            threads.back().join();
        }
        std::exit(sum);
    };
    EXPECT_EQ(run(use_threads), 6);
}

}  // namespace
}  // namespace cohort::test
