// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/process/process.hpp>
#include <cohort/process/start_method.hpp>

#include "conformance/mailbox.hpp"

#include <gtest/gtest.h>

#include <sys/types.h>

#include <filesystem>
#include <list>
#include <string>
#include <utility>

namespace cohort::test {

/// A folder of its own below the temporary one; removed with what is in it.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    std::string file(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

/// What tests of processes need: files and mailboxes that are gone afterwards.
class ProcessTest : public testing::Test {
protected:
    /// Ends the forkserver, which else stays until the program ends.
    void TearDown() override;

    std::string file(const std::string& name) const { return folder_.file(name); }

    /// A new mailbox; it lives as long as the test.
    Mailbox mailbox() {
        return mailboxes_.emplace_back(folder_.file("mailbox" + std::to_string(mailboxes_.size()))).mailbox();
    }

private:
    TemporaryFolder folder_;
    std::list<MailboxOwner> mailboxes_;
};

/// One text for all start methods: a test that runs once for each.
class StartMethods : public ProcessTest, public testing::WithParamInterface<StartMethod> {
protected:
    static ProcessOptions options() { return {.start_method = GetParam()}; }

    /// A process of the method under test.
    template <class... Call>
    static Process make(Call&&... call) {
        return Process(options(), std::forward<Call>(call)...);
    }
    template <class... Call>
    static Process start(Call&&... call) {
        Process process = make(std::forward<Call>(call)...);
        process.start();
        return process;
    }
    /// Starts a process, waits for it, and gives its exit code.
    template <class... Call>
    static int run(Call&&... call) {
        Process process = start(std::forward<Call>(call)...);
        process.join();
        return process.exitcode().value();
    }
};

/// What only one start method does.
template <StartMethod kMethod>
class OneStartMethod : public ProcessTest {
protected:
    template <class... Call>
    static Process start(Call&&... call) {
        Process process({.start_method = kMethod}, std::forward<Call>(call)...);
        process.start();
        return process;
    }
    /// Starts a process, waits for it, and gives its exit code.
    template <class... Call>
    static int run(Call&&... call) {
        Process process = start(std::forward<Call>(call)...);
        process.join();
        return process.exitcode().value();
    }
};

/// Start methods in a program whose descriptor 0 is closed.
class WithoutStdin : public StartMethods {
protected:
    WithoutStdin();
    ~WithoutStdin() override;

private:
    int stdin_;
};

inline const auto kEveryStartMethod = testing::Values(StartMethod::fork, StartMethod::spawn, StartMethod::forkserver);
inline const auto kFreshImages = testing::Values(StartMethod::spawn, StartMethod::forkserver);

inline std::string name_of(const testing::TestParamInfo<StartMethod>& info) {
    return std::string(to_string(info.param));
}

// What children run in several tests.

/// Says its pid, then waits to be ended by a signal.
void report_and_wait_for_a_signal(const Mailbox& ready);

/// Says its pid, then waits for a line.
void report_and_wait_for_release(const Mailbox& ready, const Mailbox& release);

/// Waits until a process has ended that may be nobody's child here.
void wait_for_end(pid_t pid);

/// Whether a process exists and is no zombie.
bool is_running(pid_t pid);

/// The number in a default name, as Process-3 has it: this process's children are numbered as they are made.
int number_of(const Process& process);

/// The whole text of a file.
std::string text_of(const std::string& path);

/// How many descriptors this process has open.
std::size_t count_descriptors();

}  // namespace cohort::test
