// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/process/process.hpp>

#include "process/child_handle.hpp"
#include "process/child_identity.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <typeinfo>

namespace cohort::process {

/// What a Process object stands for: shared between the object and the runtime's list of children.
///
/// Thread safety: `mutex` guards every member that is not const.
class State {
public:
    enum class Kind { child, current };

    State(Kind the_kind, ProcessOptions the_options, std::unique_ptr<detail::Target> the_target);

    /// A Process object for the process that calls.
    static std::shared_ptr<State> make_current();
    static Process handle(std::shared_ptr<State> state) { return Process(std::move(state)); }

    /// The handle of a started child of this process.
    /// @throws ValueError  not started, closed, or another process's child; `verb` says what was tried
    std::shared_ptr<ChildHandle> started_child(const char* verb) const;

    std::string name(const std::string& class_name) const;
    void refuse_if_closed() const;

    const Kind kind;
    const pid_t creator;
    const ProcessOptions options;
    const std::vector<unsigned> path;

    mutable std::mutex mutex;
    std::optional<std::string> given_name;
    bool daemon;
    std::string authkey;
    std::unique_ptr<detail::Target> target;
    const std::type_info* sliced_from = nullptr;  ///< the subclass that this state was moved out of
    bool had_target;
    bool started = false;
    std::atomic<bool> closed{false};  ///< written under the mutex
    std::shared_ptr<ChildHandle> child;
};

}  // namespace cohort::process
