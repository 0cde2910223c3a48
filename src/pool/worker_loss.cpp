// SPDX-License-Identifier: MIT
#include "pool/worker_loss.hpp"

#include "os/signals.hpp"

#include <cohort/base/errors.hpp>

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
    std::string text = name_of(loss.pool) + ": worker " + std::to_string(loss.place + 1) + " (pid " +
                       std::to_string(loss.pid) + ") " + how_it_ended(loss.status) + " while it ran " + loss.function;
    if (loss.index) text += ", item " + std::to_string(*loss.index);
    WorkerLostError::Loss what{.pid = loss.pid, .exitcode = loss.status.exitcode(), .task_index = loss.index};
    return std::make_exception_ptr(WorkerLostError(text, what));
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
