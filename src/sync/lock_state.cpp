// SPDX-License-Identifier: MIT
#include "sync/lock_state.hpp"

namespace cohort::sync {

Acquired LockState::acquire(const Caller& caller, Until until) {
    for (;;) switch (lock_.acquire(caller.process, caller.roster, until, caller.spinner)) {
            case shm::OwnedLock::Acquired::yes:
                return Acquired::yes;
            case shm::OwnedLock::Acquired::abandoned:
                return Acquired::abandoned;
            case shm::OwnedLock::Acquired::no:
                return Acquired::no;
            case shm::OwnedLock::Acquired::interrupted:
                break;
        }
}

void LockState::acquire_again(const Caller& caller, std::uint32_t depth) {
    if (depth != 0) acquire(caller, {});
}

}  // namespace cohort::sync
