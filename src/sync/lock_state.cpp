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

bool LockState::acquire_again(const Caller& caller, std::uint32_t depth) {
    if (depth == 0) return true;
    while (!caller.has_given_up()) {
        const Until until = caller.gives_up ? Until(sleep_end({})) : Until();
        if (acquire(caller, until) != Acquired::no) return true;
    }
    return false;
}

}  // namespace cohort::sync
