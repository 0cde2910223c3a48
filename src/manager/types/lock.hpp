// SPDX-License-Identifier: MIT
#pragma once

#include "manager/timers.hpp"
#include "manager/types/methods.hpp"
#include "manager/types/waiting_calls.hpp"

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace cohort::manager {

/// threading.Lock and threading.RLock. A call of acquire() is kept until the lock is handed over to it, in the order in
/// which they came; no thread waits.
///
/// A Lock is held by nobody in particular, as in Python: anybody releases it. An RLock is its connection's, which in
/// Python is a thread of the client's.
///
/// DEATH: what the dead held is released, and abandoned() until the next release. An RLock goes with its connection; a
/// Lock with the process where that is known, since another thread may still release it, else with the connection, too.
class LockReferent final : public Referent {
public:
    enum class Kind { plain, recursive };

    LockReferent(Timers& timers, Kind kind);

    const std::vector<std::string_view>& exposed() const override;
    std::string_view type_name() const override;
    void call(Call& call) override;
    Object value() const override;
    std::string repr() const override;
    bool watches_clients() const override { return true; }
    void client_gone(ClientId client) override;
    void holder_gone(HolderId holder) override;

    // For a Condition. A client has one call under way: while it waits there, what it comes back to is kept here.

    /// Whether a client may wait and notify: it holds the lock; a plain one is held by anybody.
    bool is_owned_by(ClientId client);
    /// Gives the lock up for a wait among `waiters`. REQUIRES: is_owned_by(client).
    void give_up(ClientId client, std::weak_ptr<WaitingCalls> waiters);
    /// The wait is over: answers it when its client has the lock again, as often as before.
    /// If a client that was notified dies before it is seen to live on, the next of the waiters gets the notification.
    void come_back(Call call, bool notified);

private:
    using Waiters = std::weak_ptr<WaitingCalls>;

    struct Owner {
        ClientId client;
        HolderId holder;
    };
    struct Comeback {
        int depth = 1;
        bool notified = false;
        Waiters waiters{};
    };

    static const Methods<LockReferent>& methods();
    Object locked(const Parameters& given);
    Object abandoned(const Parameters& given);

    void acquire(Call& call);
    void release(Call& call);
    void grant(Call call);
    void hand_over(bool abandoned);
    void abandon();
    void pass_on(const Waiters& waiters);

    const Kind kind_;
    std::optional<Owner> owner_;
    int depth_ = 0;
    bool abandoned_ = false;
    Waiters notified_among_;  // of the owner, while nobody has seen it live since then
    std::unordered_map<ClientId, Comeback> comebacks_;
    const std::shared_ptr<WaitingCalls> waiting_;
};

}  // namespace cohort::manager
