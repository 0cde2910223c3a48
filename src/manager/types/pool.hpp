// SPDX-License-Identifier: MIT
#pragma once

#include "manager/types/async_result.hpp"
#include "manager/types/methods.hpp"
#include "manager/types/task_runner.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cohort::manager {

/// multiprocessing.pool.Pool, as far as a server can be one that runs no code of clients: tasks are functions of the
/// program that are registered with the server, called by their names, in threads of the server's process.
class PoolReferent final : public Referent {
public:
    /// @param tasks  what can be called
    PoolReferent(Timers& timers, std::shared_ptr<const Tasks> tasks, std::shared_ptr<TaskRunner> runner);

    const std::vector<std::string_view>& exposed() const override;
    std::string_view type_name() const override { return "<class 'multiprocessing.pool.Pool'>"; }
    void call(Call& call) override;
    Object value() const override;
    std::string repr() const override;

private:
    enum class State { run, close, terminate };
    /// How an item of a map becomes the arguments of a task.
    enum class Form { one, star };
    /// Takes the outcome of all.
    using Done = std::function<void(Outcome outcome)>;
    using Items = std::vector<Object>;

    static const Methods<PoolReferent>& methods();
    Object close(const Parameters& given);
    Object terminate(const Parameters& given);

    void apply(Call& call, bool asynchronous);
    void map(Call& call, Form form, bool asynchronous);
    void imap(Call& call, ResultIterator::Order order);
    void join(Call& call);

    /// Where the outcome goes: to the call, or to an AsyncResult that the call gets.
    Done destination(Call& call, bool asynchronous);
    void submit_all(const Task& task, Items items, Form form, const Done& done);
    const Task& task(const Object& function) const;
    void require_running() const;

    Timers& timers_;
    const std::shared_ptr<const Tasks> tasks_;
    const std::shared_ptr<TaskRunner> runner_;
    State state_ = State::run;
};

}  // namespace cohort::manager
