// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/manager/detail/shared_object.hpp>
#include <cohort/sync/condition.hpp>
#include <cohort/sync/lock.hpp>

#include "sync/caller.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>

namespace cohort::manager::detail {

/// A client as the states in shared memory see it: a thread of the server's process, whichever thread carries out its
/// calls.
/// @param gives_up  as in Caller
sync::Caller sync_caller(std::uint64_t client, const std::function<bool()>* gives_up = nullptr);

/// A lock of the program as the clients of this process's servers hold it: one for all objects that stand for it.
///
/// A Lock is its client's process's, since any thread may release it; an RLock its connection's.
///
/// Thread safety: safe; it waits in acquire() and wait() only. FORK: a child serves nobody.
/// DEATH: of a client: what it held is released; a notification that it was not seen to use is the next one's.
class ClientLock {
public:
    using AnyLock = std::variant<RLock, Lock>;
    /// One acquire(), or return from wait().
    using Turn = std::uint64_t;

    /// The one for this lock. @throws ValueError  the handle was moved from
    static std::shared_ptr<ClientLock> of(const AnyLock& lock);
    /// Use of(): there is one for a lock.
    explicit ClientLock(AnyLock lock);
    /// No client can release it any more.
    ~ClientLock();
    ClientLock(const ClientLock&) = delete;
    ClientLock& operator=(const ClientLock&) = delete;

    bool is_recursive() const noexcept { return std::holds_alternative<RLock>(lock_); }
    const void* identity() const noexcept { return identity_; }

    /// @returns nothing when the time is up   @throws WaitAbandoned
    std::optional<Turn> acquire(const Caller& caller, const Wait& wait);
    /// @throws ValueError  nobody holds the Lock   @throws PythonError  the client does not hold the RLock
    void release(const Caller& caller);
    bool locked() const;
    bool abandoned() const;
    /// The client does not learn of it.
    void take_back(Turn turn) noexcept;

    struct Waited {
        bool notified;
        Turn turn;
    };
    /// For conditions with this lock. @throws PythonError  the client does not hold it; WaitAbandoned
    Waited wait(const Condition& condition, const Caller& caller, Timeout timeout);
    void notify(const Condition& condition, const Caller& caller, std::uint32_t count);

    void client_gone(std::uint64_t client) noexcept;
    void process_gone(std::uint64_t process) noexcept;

private:
    struct Hold {
        std::uint64_t client;
        std::uint64_t process;
        Turn turn;
        std::optional<Condition> notified_in{};  // while nobody has heard of the client since
    };

    std::optional<Hold> set_aside(const sync::Caller& me, const Caller& caller);
    Turn note_hold(const Caller& caller, std::optional<Condition> notified_in = {});
    void heard_of(const Caller& caller) noexcept;
    void let_go() noexcept;

    const AnyLock lock_;
    const void* const identity_;
    std::mutex mutex_;
    std::optional<Hold> hold_;
    Turn turns_ = 0;
};

}  // namespace cohort::manager::detail
