// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/process/process.hpp>

#include "process/child_identity.hpp"

#include <sys/types.h>

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace cohort::process {

class Forkserver;
class Keeper;
class ParentWatch;
class State;

/// What this process knows of itself: its identity, its children and its defaults. One for each process.
///
/// Thread safety: `mutex` guards every member but `identity.name`, `identity.path`, `identity.parent_*` and
/// `pid`, which never change.
/// FORK: a child of cohort gets a new record by renew(); a child made by the program's own fork gets one at its first
/// use of cohort, with no children of its own.
struct Runtime {
    explicit Runtime(ChildIdentity the_identity);

    pid_t pid = 0;  ///< set when the record comes into force
    std::mutex mutex;
    ChildIdentity identity;
    bool is_main;                                ///< not a child that cohort has started
    unsigned children_made = 0;                  ///< numbers the children
    std::list<std::shared_ptr<State>> children;  ///< started and not yet seen to have ended
    std::optional<StartMethod> start_method;
    std::shared_ptr<Forkserver> forkserver;
    std::weak_ptr<Keeper> keeper;  ///< its owners are the handles of children
    void (*forkserver_preload)() = nullptr;
    bool warned_of_threads = false;
    std::shared_ptr<const ParentWatch> parent_watch;  ///< made at the first use of parent_process()
    std::unique_ptr<Process> current;                 ///< what current_process() gives
    const Runtime* inherited = nullptr;               ///< that of the process which the program's own fork copied
};

/// The record of the calling process.
/// @throws Error  the program holds a second copy of cohort, and that one was first
Runtime& runtime();

/// What every child has of the process that starts it by `method`: its parent, key, start method and log.
ChildIdentity heritage(StartMethod method);

/// @throws ValueError  it is no start method
void require_known(StartMethod method);

/// Replaces the record: this process is a new child. The new one was made before a fork, where memory is not copied
/// page by page at the first touch.
void renew_runtime(std::unique_ptr<Runtime> fresh);

/// Gives the logger what a child inherits that is no copy of the process which started it.
void renew_log(const ChildIdentity& identity);

}  // namespace cohort::process
