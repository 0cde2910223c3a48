// SPDX-License-Identifier: MIT
// What CPython's _TestSubclassingProcess shows, for each start method.
#include <cohort/process/current_process.hpp>

#include "conformance/start_methods.hpp"

#include <pthread.h>
#include <unistd.h>

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string>

namespace cohort::test {
namespace {

class TestSubclassingProcess : public StartMethods {};
INSTANTIATE_TEST_SUITE_P(, TestSubclassingProcess, kEveryStartMethod, name_of);

class UpperCaser : public ProcessOf<UpperCaser> {
public:
    UpperCaser() = default;
    UpperCaser(ProcessOptions options, Mailbox requests, Mailbox answers)
        : ProcessOf(std::move(options)), requests_(std::move(requests)), answers_(std::move(answers)) {}

    void run() override {
        for (std::string text; (text = requests_.take()) != "stop";) {
            for (char& c : text) c = static_cast<char>(std::toupper(c));
            answers_.post(text);
        }
    }

    std::string submit(const std::string& text) const {
        requests_.post(text);
        return answers_.take();
    }
    void stop() const { requests_.post("stop"); }

    template <class Archive>
    void serialize(Archive& archive) {
        archive(requests_.path, answers_.path);
    }

private:
    Mailbox requests_;
    Mailbox answers_;
};

TEST_P(TestSubclassingProcess, subclassing) {
    const int number = number_of(Process());
    UpperCaser upper(options(), mailbox(), mailbox());
    upper.set_daemon(true);
    upper.start();
    EXPECT_EQ(upper.name(), "UpperCaser-" + std::to_string(number + 1));
    EXPECT_EQ(upper.submit("hello"), "HELLO");
    EXPECT_EQ(upper.submit("world"), "WORLD");
    upper.stop();
    upper.join();
    EXPECT_EQ(upper.exitcode(), 0);
}

TEST_P(TestSubclassingProcess, stderr_flush) {
    auto fail = [](const std::string& path) {
        std::setvbuf(std::freopen(path.c_str(), "w", stderr), nullptr, _IOFBF, BUFSIZ);
        throw std::domain_error("MARKER");
    };
    EXPECT_EQ(run(fail, file("stderr")), 1);
    const std::string text = text_of(file("stderr"));
    EXPECT_NE(text.find("std::domain_error: MARKER"), std::string::npos) << text;
    EXPECT_NE(text.find("stderr_flush"), std::string::npos) << text;  // a frame of the stack names the function
}

TEST_P(TestSubclassingProcess, sys_exit) {
    for (const int code : {0, 1, 8, 255}) {
        EXPECT_EQ(run([](int n) { std::exit(n); }, code), code);
        EXPECT_EQ(run([](int n) { std::quick_exit(n); }, code), code);
        EXPECT_EQ(run([](int n) { ::_exit(n); }, code), code);
    }
}

/// Says who it is in its own run(), and how its first child is called.
class Introspective : public ProcessOf<Introspective> {
public:
    Introspective() = default;
    Introspective(ProcessOptions options, Mailbox answers)
        : ProcessOf(std::move(options)), answers_(std::move(answers)) {}

    void run() override {
        std::ostringstream shown;
        shown << *this;
        answers_.post(name());
        answers_.post(shown.str());
        answers_.post(std::to_string(pid().value()) + (is_alive() ? " alive" : " dead"));
        answers_.post(std::string(exitcode() ? "ended" : "running") + (daemon() ? " daemon" : ""));
        answers_.post(Process([] {}).name());
        set_name("renamed");
        answers_.post(current_process().name());
    }

    template <class Archive>
    void serialize(Archive& archive) {
        archive(answers_.path);
    }

private:
    Mailbox answers_;
};

TEST_P(TestSubclassingProcess, its_object_stands_for_it_in_run) {
    const Mailbox out = mailbox();
    const std::string number = std::to_string(number_of(Process()) + 1);
    Introspective process({.daemon = true, .start_method = GetParam()}, out);
    process.start();
    EXPECT_EQ(out.take(), "Introspective-" + number);
    EXPECT_EQ(out.take(), "<Introspective name='Introspective-" + number + "' parent=" + std::to_string(::getpid()) +
                              " started daemon>");
    EXPECT_EQ(out.take(), std::to_string(process.pid().value()) + " alive");
    EXPECT_EQ(out.take(), "running daemon");
    EXPECT_EQ(out.take(), "Process-" + number + ":1");
    EXPECT_EQ(out.take(), "renamed");
    process.join();
    EXPECT_EQ(process.exitcode(), 0);
}

TEST_P(TestSubclassingProcess, a_thread_that_ends_itself_ends_the_process) {
    EXPECT_EQ(run([] { ::pthread_exit(nullptr); }), 0);
}

}  // namespace
}  // namespace cohort::test
