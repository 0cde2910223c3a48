// SPDX-License-Identifier: MIT
#include "process/launcher.hpp"

#include "os/fork.hpp"
#include "os/threads.hpp"
#include "process/child.hpp"
#include "process/keeper.hpp"
#include "process/runtime.hpp"

#include <cstdio>

namespace cohort::process {

namespace {

// Once for a process: the child of a process with several threads has one thread, and whatever locks the others held
// stay locked in it.
void warn_of_threads(Runtime& own) {
    if (own.warned_of_threads || !os::has_other_threads()) return;
    own.warned_of_threads = true;
    std::fprintf(stderr,
                 "cohort: process %d forks while it has several threads: locks that other threads hold at that moment "
                 "stay locked in the child. Start processes before threads, or use StartMethod::forkserver or spawn.\n",
                 static_cast<int>(own.pid));
    std::fflush(stderr);  // a program may have given it a buffer, which the child would print again
}

}  // namespace

[[gnu::hot]] std::shared_ptr<ChildHandle> launch_by_fork(LaunchRequest& request) {
    Runtime& own = runtime();
    // Held over the fork: the child finds the list of its siblings whole.
    std::lock_guard guard(own.mutex);
    warn_of_threads(own);
    auto keeper = keeper_for(own, request.identity);
    auto record = std::make_unique<Runtime>(std::move(request.identity));
    auto forked = os::fork_process();
    if (forked.in_child()) {
        if (keeper) enroll(keeper->socket());
        run_forked_child(std::move(record), [&] {
            if (channel::Ends::any()) channel::Ends::settle_after_fork(&request.given);
            request.call();
        });
    }
    return std::make_shared<ChildHandle>(forked.pid, std::move(forked.process), std::move(keeper));
}

}  // namespace cohort::process
