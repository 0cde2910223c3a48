// SPDX-License-Identifier: MIT
#include "manager/types/task_runner.hpp"

#include "manager/python_error.hpp"
#include "manager/workers.hpp"

#include <exception>
#include <utility>

namespace cohort::manager {

namespace {

Outcome run(const Task& task, const Object& args, const Object& kwds) {
    try {
        return {task(args.as_sequence(), kwds), false};
    } catch (...) {
        return {current_python_exception(), true};
    }
}

}  // namespace

void Outcome::answer(Call& call) const {
    if (failed)
        call.fail(value);
    else
        call.reply(value);
}

TaskRunner::TaskRunner(Timers& timers, Workers& workers, std::size_t at_once)
    : workers_(workers), at_once_(at_once), joiners_(WaitingCalls::make(timers, [](Call& call) { call.reply({}); })) {}

void TaskRunner::submit(Task task, Object args, Object kwds, Take take) {
    waiting_.push_back({std::move(task), std::move(args), std::move(kwds), std::move(take)});
    start_some();
}

void TaskRunner::start_some() {
    while (running_ < at_once_ && !waiting_.empty()) {
        Job job = std::move(waiting_.front());
        waiting_.pop_front();
        start(std::move(job));
    }
}

// The thread hands the job over to what it returns: nothing that belongs to the server's thread ends in another one.
void TaskRunner::start(Job job) {
    ++running_;
    const Take take = job.take;
    try {
        workers_.run([runner = shared_from_this(),
                      job = std::make_shared<const Job>(std::move(job))]() mutable -> std::function<void()> {
            Outcome outcome = run(job->task, job->args, job->kwds);
            return [runner = std::move(runner), job = std::move(job), outcome = std::move(outcome)] {
                runner->ended(job->take, outcome);
            };
        });
    } catch (...) {  // there can be no thread
        ended(take, {current_python_exception(), true});
    }
}

void TaskRunner::ended(const Take& take, Outcome outcome) {
    --running_;
    take(std::move(outcome));
    start_some();
    if (!idle()) return;
    while (auto joiner = joiners_->take_first()) joiner->reply({});
}

void TaskRunner::cancel() {
    const Object cancelled = Object::exception("concurrent.futures._base", "CancelledError", {});
    for (const Job& each : std::exchange(waiting_, {})) each.take({cancelled, true});
}

void TaskRunner::answer_when_idle(Call& call) {
    if (idle()) return call.reply({});
    joiners_->add(call, Deadline(forever));
}

}  // namespace cohort::manager
