// SPDX-License-Identifier: MIT
#pragma once

#include "manager/call.hpp"
#include "manager/timers.hpp"
#include "manager/types/waiting_calls.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cohort::manager {

class Workers;

/// A function that is registered with a server, for its pools. @param kwds  a dict
using Task = std::function<Object(std::span<const Object> args, const Object& kwds)>;
/// By name.
using Tasks = std::map<std::string, Task, std::less<>>;

/// What a task has come to.
struct Outcome {
    Object value;         ///< or an exception
    bool failed = false;  ///< by that exception

    void answer(Call& call) const;
};

/// Runs tasks in threads beside the server's, so many at once, in the order in which they came. Lives while it has any.
///
/// Thread safety: none; it belongs to the server's thread.
class TaskRunner : public std::enable_shared_from_this<TaskRunner> {
public:
    using Take = std::function<void(Outcome outcome)>;

    static std::shared_ptr<TaskRunner> make(Timers& timers, Workers& workers, std::size_t at_once) {
        return std::shared_ptr<TaskRunner>(new TaskRunner(timers, workers, at_once));
    }

    /// @param args  a tuple   @param take  called once, later
    void submit(Task task, Object args, Object kwds, Take take);
    /// What has not begun fails with CancelledError.
    void cancel();
    /// Answers a call when nothing is to be done any more.
    void answer_when_idle(Call& call);

    std::size_t at_once() const noexcept { return at_once_; }

private:
    struct Job {
        Task task;
        Object args;
        Object kwds;
        Take take;
    };

    TaskRunner(Timers& timers, Workers& workers, std::size_t at_once);
    bool idle() const noexcept { return running_ == 0 && waiting_.empty(); }
    void start_some();
    void start(Job job);
    void ended(const Take& take, Outcome outcome);

    Workers& workers_;
    const std::size_t at_once_;
    std::size_t running_ = 0;
    std::deque<Job> waiting_;
    const std::shared_ptr<WaitingCalls> joiners_;
};

}  // namespace cohort::manager
