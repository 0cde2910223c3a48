// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/process/process.hpp>

#include "channel/ends.hpp"
#include "process/child_handle.hpp"
#include "process/child_identity.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <typeinfo>

namespace cohort::process {

/// The call of a process, until it has started. While it waits here, the handles in it are its own: a child that
/// another call starts closes those that were moved in.
class PendingCall final : public channel::HandleHolder {
public:
    explicit PendingCall(std::unique_ptr<detail::Target> target);
    ~PendingCall() override;
    PendingCall(const PendingCall&) = delete;
    PendingCall& operator=(const PendingCall&) = delete;

    detail::Target* get() const noexcept { return target_.get(); }
    /// Destroys the call with all that it holds.
    void reset() noexcept;

    void visit_handle_memory(serial::HandleMemory visit) const override;

private:
    std::unique_ptr<detail::Target> target_;
};

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
    PendingCall target;
    const std::type_info* sliced_from = nullptr;  ///< the subclass that this state was moved out of
    bool had_target;
    bool started = false;
    std::atomic<bool> closed{false};  ///< written under the mutex
    std::shared_ptr<ChildHandle> child;
};

}  // namespace cohort::process
