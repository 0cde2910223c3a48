// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/process/process.hpp>

#include "conformance/start_methods.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <variant>

namespace cohort::test {

/// Who shares an object with the test: a thread of its process, or a process of one of the start methods.
struct WorkerKind {
    std::optional<StartMethod> method{};  ///< empty: a thread

    std::string name() const { return method ? std::string(to_string(*method)) : "thread"; }
    friend std::ostream& operator<<(std::ostream& out, const WorkerKind& kind) { return out << kind.name(); }
};

/// One of them, which runs a function; joined at the end.
class RunningWorker {
public:
    template <class F, class... Args>
    RunningWorker(WorkerKind kind, F f, Args... args) {
        if (kind.method)
            process_.emplace(ProcessOptions{.start_method = kind.method}, f, std::move(args)...).start();
        else
            thread_ = std::thread([=]() mutable { f(args...); });
    }
    RunningWorker(RunningWorker&& other) noexcept
        : thread_(std::move(other.thread_)), process_(std::exchange(other.process_, std::nullopt)) {}
    RunningWorker& operator=(RunningWorker&&) = delete;
    ~RunningWorker() { join(); }

    /// Waits for its end; a process must have ended well.
    void join() {
        if (thread_.joinable()) thread_.join();
        if (!process_) return;
        process_->join();
        EXPECT_EQ(process_->exitcode(), 0);
        process_.reset();
    }
    Process& process() { return *process_; }

private:
    std::thread thread_;
    std::optional<Process> process_;
};

/// One text for threads and every start method.
class Workers : public ProcessTest, public testing::WithParamInterface<WorkerKind> {
protected:
    template <class F, class... Args>
    static RunningWorker start(F f, Args... args) {
        return RunningWorker(GetParam(), f, std::move(args)...);
    }
};

/// The same for processes only, which can be killed.
class WorkerProcesses : public Workers {};

inline const auto kEveryWorker = testing::Values(WorkerKind{}, WorkerKind{StartMethod::fork},
                                                 WorkerKind{StartMethod::forkserver}, WorkerKind{StartMethod::spawn});
inline const auto kEveryWorkerProcess =
    testing::Values(WorkerKind{StartMethod::fork}, WorkerKind{StartMethod::forkserver}, WorkerKind{StartMethod::spawn});

inline std::string name_of_worker(const testing::TestParamInfo<WorkerKind>& info) {
    return info.param.name();
}

}  // namespace cohort::test
