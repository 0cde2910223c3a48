// SPDX-License-Identifier: MIT
#include "pool/worker_loss.hpp"

#include "os/signals.hpp"

#include <cohort/base/errors.hpp>

#include <sstream>
#include <system_error>

namespace cohort::pool {

namespace {

std::string name_of(const std::string& pool) {
    return pool.empty() ? "pool" : "pool '" + pool + "'";
}

std::string how_it_ended(ExitStatus status) {
    if (const auto signal = status.signal()) return "was ended by " + os::signal_name(*signal);
    return "exited with status " + std::to_string(*status.code());
}

std::string worker_of(const WorkerLoss& loss) {
    return name_of(loss.pool) + ": worker " + std::to_string(loss.place + 1) + " (pid " + std::to_string(loss.pid) +
           ")";
}

std::string task_of(const WorkerLoss& loss) {
    return loss.index ? loss.function + ", item " + std::to_string(*loss.index) : loss.function;
}

std::string message_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "an exception of an unknown type";
    }
}

}  // namespace

std::exception_ptr worker_lost(const WorkerLoss& loss) {
    const std::string text = worker_of(loss) + " " + how_it_ended(loss.status) + " while it ran " + task_of(loss);
    WorkerLostError::Loss what{.pid = loss.pid, .exitcode = loss.status.exitcode(), .task_index = loss.index};
    return std::make_exception_ptr(WorkerLostError(text, what));
}

std::exception_ptr timed_out(const WorkerLoss& loss, std::chrono::nanoseconds timeout) {
    std::ostringstream text;
    text << worker_of(loss) << " was ended since it ran " << task_of(loss) << " longer than its timeout of "
         << std::chrono::duration<double>(timeout).count() << " s";
    return std::make_exception_ptr(TimeoutError(text.str()));
}

void throw_broken(const FailedStarts& failed) {
    std::string text = name_of(failed.pool) + " is broken: " + std::to_string(failed.count) +
                       " workers in a row ended before they were ready for tasks; the last one ";
    if (failed.start_errno != 0)
        text += "could not be started: " + std::system_category().message(failed.start_errno);
    else
        text += how_it_ended(failed.last_status);
    if (!failed.initializer_error) throw BrokenPoolError(text);
    text += ", its initializer threw: " + message_of(failed.initializer_error);
    try {
        std::rethrow_exception(failed.initializer_error);
    } catch (...) {
        std::throw_with_nested(BrokenPoolError(text));
    }
}

void throw_no_nursery(const std::string& pool) {
    throw BrokenPoolError(name_of(pool) + " is broken: the nursery, the process that its workers come from, has ended");
}

}  // namespace cohort::pool
