// SPDX-License-Identifier: MIT
// How locks are printed.
#include <cohort/sync/barrier.hpp>
#include <cohort/sync/condition.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/lock.hpp>
#include <cohort/sync/semaphore.hpp>

#include "shm/tree.hpp"
#include "sync/condition_state.hpp"
#include "sync/lock_state.hpp"
#include "sync/make_state.hpp"
#include "sync/rlock_state.hpp"
#include "sync/semaphore_state.hpp"

#include <ostream>
#include <string>

namespace cohort {

using sync::state_at;

namespace {

std::string name_of(shm::Owner holder) {
    return holder.is_nobody() ? "None" : std::to_string(shm::tree_arena().roster().pid(holder));
}

/// Calls print() between the brackets, unless the handle has no object.
template <class Handle, class Print>
std::ostream& print_handle(std::ostream& out, const char* type, const Handle& handle, Print print) {
    out << '<' << type;
    if (handle.object())
        print();
    else
        out << " moved from";
    return out << '>';
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Lock& lock) {
    return print_handle(out, "Lock", lock,
                        [&] { out << "(owner=" << name_of(state_at<sync::LockState>(lock.memory()).holder()) << ')'; });
}

std::ostream& operator<<(std::ostream& out, const RLock& lock) {
    return print_handle(out, "RLock", lock, [&] {
        const auto& state = state_at<sync::RLockState>(lock.memory());
        out << '(' << name_of(state.holder()) << ", " << state.depth() << ')';
    });
}

std::ostream& operator<<(std::ostream& out, const Semaphore& semaphore) {
    return print_handle(out, "Semaphore", semaphore, [&] { out << "(value=" << semaphore.get_value() << ')'; });
}

std::ostream& operator<<(std::ostream& out, const BoundedSemaphore& semaphore) {
    return print_handle(out, "BoundedSemaphore", semaphore, [&] {
        out << "(value=" << semaphore.get_value()
            << ", maxvalue=" << state_at<sync::SemaphoreState>(semaphore.memory()).bound() << ')';
    });
}

std::ostream& operator<<(std::ostream& out, const Condition& condition) {
    return print_handle(out, "Condition", condition, [&] {
        out << '(';
        std::visit([&](const auto& lock) { out << lock; }, condition.get_lock());
        const auto& state = state_at<sync::ConditionState>(condition.memory());
        out << ", " << state.living_waiters(shm::tree_arena().roster()) << ')';
    });
}

std::ostream& operator<<(std::ostream& out, const Event& event) {
    return print_handle(out, "Event", event, [&] { out << (event.is_set() ? " set" : " unset"); });
}

std::ostream& operator<<(std::ostream& out, const Barrier& barrier) {
    return print_handle(out, "Barrier", barrier, [&] {
        if (barrier.broken())
            out << " broken";
        else
            out << " waiters=" << barrier.n_waiting() << '/' << barrier.parties();
    });
}

}  // namespace cohort
