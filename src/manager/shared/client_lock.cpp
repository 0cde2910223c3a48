// SPDX-License-Identifier: MIT
#include "manager/shared/client_lock.hpp"

#include <cohort/base/errors.hpp>

#include "manager/python_error.hpp"
#include "sync/condition_state.hpp"
#include "sync/deferred_wakes.hpp"
#include "sync/lock_state.hpp"
#include "sync/make_state.hpp"
#include "sync/rlock_state.hpp"
#include "sync/this_caller.hpp"

#include <map>
#include <string>
#include <utility>

namespace cohort::manager::detail {

namespace {

using sync::ConditionState;
using sync::state_at;

// Threads are numbered from one on.
constexpr std::uint32_t kClients = std::uint32_t{1} << 31;

const shm::Object* object_of(const ClientLock::AnyLock& lock) {
    return std::visit([](const shm::SharedHandle& handle) { return handle.object().get(); }, lock);
}

/// Calls with the state of the lock, of whichever kind it is.
template <class Call>
auto with_state(const ClientLock::AnyLock& lock, Call call) {
    if (const auto* recursive = std::get_if<RLock>(&lock))
        return call(state_at<sync::RLockState>(recursive->object()->data()));
    return call(state_at<sync::LockState>(std::get<Lock>(lock).object()->data()));
}

ConditionState& state_of(const Condition& condition) {
    return state_at<ConditionState>(condition.object()->data());
}

// Its release would be another thread's, maybe: who was notified is woken at once.
bool notify_now(const Condition& condition, const ClientLock::AnyLock& lock, const sync::Caller& me,
                std::uint32_t count) {
    return with_state(lock, [&](auto& state) {
        const bool held = state_of(condition).notify(me, state, count).has_value();
        sync::deferred_wakes.released(&state.base());
        return held;
    });
}

[[noreturn]] void raise_not_held(const char* verb) {
    raise("RuntimeError", std::string("cannot ") + verb + " un-acquired lock");
}

}  // namespace

sync::Caller sync_caller(std::uint64_t client, const std::function<bool()>* gives_up) {
    const sync::Caller thread = sync::this_caller();
    return {thread.process, kClients | static_cast<std::uint32_t>(client), thread.roster, thread.spinner, gives_up};
}

std::shared_ptr<ClientLock> ClientLock::of(const AnyLock& lock) {
    if (!object_of(lock)) throw ValueError("the handle was moved from: it has no object any more");
    static std::mutex mutex;
    static auto& all = *new std::map<const shm::Object*, std::weak_ptr<ClientLock>>;  // threads may outlive main()
    const std::lock_guard guard(mutex);
    std::erase_if(all, [](const auto& each) { return each.second.expired(); });
    auto& known = all[object_of(lock)];
    auto own = known.lock();
    if (!own) known = own = std::make_shared<ClientLock>(lock);
    return own;
}

ClientLock::ClientLock(AnyLock lock) : lock_(std::move(lock)), identity_(object_of(lock_)) {}

ClientLock::~ClientLock() {
    let_go();
}

std::optional<ClientLock::Turn> ClientLock::acquire(const Caller& caller, const Wait& wait) {
    heard_of(caller);
    const sync::Caller me = sync_caller(caller.client());
    const bool taken = wait.until([&](Timeout part) {
        return with_state(lock_,
                          [&](auto& state) { return state.acquire(me, shm::until(part)) != sync::Acquired::no; });
    });
    if (!taken) return {};
    return note_hold(caller);
}

void ClientLock::release(const Caller& caller) {
    heard_of(caller);
    const std::lock_guard guard(mutex_);
    if (is_recursive()) {
        auto& state = state_at<sync::RLockState>(std::get<RLock>(lock_).object()->data());
        const sync::Caller me = sync_caller(caller.client());
        if (!state.release(me)) raise_not_held("release");
        if (state.is_held_by(me)) return;
    } else {
        Lock(std::get<Lock>(lock_)).release();
    }
    hold_.reset();
}

bool ClientLock::locked() const {
    return std::visit([](const auto& lock) { return lock.locked(); }, lock_);
}

bool ClientLock::abandoned() const {
    return std::visit([](const auto& lock) { return lock.abandoned(); }, lock_);
}

void ClientLock::take_back(Turn turn) noexcept {
    const std::lock_guard guard(mutex_);
    if (hold_ && hold_->turn == turn) let_go();
}

ClientLock::Waited ClientLock::wait(const Condition& condition, const Caller& caller, Timeout timeout) {
    const std::function<bool()> gives_up = [&] { return !caller.waits(); };
    const sync::Caller me = sync_caller(caller.client(), &gives_up);
    auto hold = set_aside(me, caller);
    const auto waited =
        with_state(lock_, [&](auto& state) { return state_of(condition).wait(me, state, shm::until(timeout)); });
    if (waited == ConditionState::Waited::given_up) throw WaitAbandoned();
    if (waited == ConditionState::Waited::not_held) raise_not_held("wait on");
    if (waited == ConditionState::Waited::no_room) {
        const std::lock_guard guard(mutex_);
        hold_ = std::move(hold);
        throw Error("a condition has room for " + std::to_string(ConditionState::kCells) + " that wait");
    }
    const bool notified = waited == ConditionState::Waited::notified;
    return {notified, note_hold(caller, notified ? std::optional(condition) : std::nullopt)};
}

void ClientLock::notify(const Condition& condition, const Caller& caller, std::uint32_t count) {
    heard_of(caller);
    if (!notify_now(condition, lock_, sync_caller(caller.client()), count)) raise_not_held("notify on");
}

// The hold of one that is about to wait, who comes back to it or leaves nothing.
std::optional<ClientLock::Hold> ClientLock::set_aside(const sync::Caller& me, const Caller& caller) {
    heard_of(caller);
    const std::lock_guard guard(mutex_);
    if (!with_state(lock_, [&](const auto& state) { return state.is_held_by(me); })) raise_not_held("wait on");
    return std::exchange(hold_, std::nullopt);
}

ClientLock::Turn ClientLock::note_hold(const Caller& caller, std::optional<Condition> notified_in) {
    const std::lock_guard guard(mutex_);
    hold_ = Hold{caller.client(), caller.process(), ++turns_, std::move(notified_in)};
    return turns_;
}

void ClientLock::heard_of(const Caller& caller) noexcept {
    const std::lock_guard guard(mutex_);
    if (hold_ && hold_->client == caller.client()) hold_->notified_in.reset();
}

// With the mutex. Does not wait. Others of the program may have released it, and may hold it.
void ClientLock::let_go() noexcept {
    const auto hold = std::exchange(hold_, std::nullopt);
    if (!hold) return;
    try {
        const sync::Caller me = sync_caller(hold->client);
        if (!with_state(lock_, [&](const auto& state) { return state.is_held_by(me); })) return;
        if (hold->notified_in) notify_now(*hold->notified_in, lock_, me, 1);
        with_state(lock_, [&](auto& state) { return state.release_all(me); });
    } catch (const std::exception&) {
        // There is no memory to enter the roster: then this process holds nothing.
    }
}

void ClientLock::client_gone(std::uint64_t client) noexcept {
    const std::lock_guard guard(mutex_);
    if (is_recursive() && hold_ && hold_->client == client) let_go();
}

void ClientLock::process_gone(std::uint64_t process) noexcept {
    const std::lock_guard guard(mutex_);
    if (hold_ && hold_->process == process) let_go();
}

}  // namespace cohort::manager::detail
