// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/os/descriptor.hpp>

#include "os/pidfd.hpp"

#include <sys/types.h>

#include <memory>
#include <optional>

namespace cohort::process {

struct ChildIdentity;
struct Runtime;

/// The owner's side of a keeper: a small process, a fresh image of this program, that kills children when their parent
/// dies.
///
/// Children need it that another thread than the main one starts: the kernel's death signal would come at the end of
/// that thread. Each child enrolls itself; the keeper watches its owner. It is shared by the handles of the children
/// that are enrolled, and ends with the last of them that is seen to have ended.
///
/// Thread safety: safe.
/// FORK: the child enrolls; abandon() closes its copies of the descriptors.
/// DEATH: of the owner: the keeper kills the enrolled children and ends. Its own: the next start makes another one,
/// which gets the children that still run; nobody would end them before that. A child that finds it dead when it
/// enrolls ends.
class Keeper {
public:
    /// @throws Error, std::system_error  as start_image()
    Keeper();
    /// Ends the process and reaps it: no enrolled child runs any more.
    ~Keeper();
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    bool alive() const { return process_.alive(); }
    pid_t pid() const noexcept { return pid_; }

    /// Where children enroll; crosses to fresh images.
    int socket() const noexcept { return socket_.get(); }

    /// Enrolls a child that runs already.
    void keep(const os::Pidfd& child) const;

    /// In a forked child: closes the inherited descriptors, and no more.
    void abandon() noexcept;

private:
    const pid_t owner_;
    pid_t pid_ = 0;
    os::Pidfd process_;
    Descriptor socket_;
};

/// The keeper of this process for a child that is about to be started; null if the child needs none. Makes one if there
/// is none that lives. REQUIRES: the mutex of `own` is held.
std::shared_ptr<Keeper> keeper_for(Runtime& own, const ChildIdentity& identity);

/// In a new child: enrolls the calling process. Its parent's death is to be looked for after that. Ends the process if
/// the keeper is dead.
/// @param socket  the keeper's, stays open
void enroll(int socket) noexcept;

/// The pid of this process's keeper; empty when it has none.
std::optional<pid_t> keeper_pid();

}  // namespace cohort::process
