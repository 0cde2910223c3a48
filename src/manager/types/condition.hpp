// SPDX-License-Identifier: MIT
#pragma once

#include "manager/types/lock.hpp"

#include <memory>
#include <string>

namespace cohort::manager {

/// threading.Condition: a lock, and calls of wait() that are kept in the order in which they came. A notification moves
/// one of them to those that wait for the lock.
///
/// DEATH: of a client that waits: it swallows no notification, see LockReferent::come_back().
class ConditionReferent final : public Referent {
public:
    ConditionReferent(Timers& timers, std::shared_ptr<LockReferent> lock);

    const std::vector<std::string_view>& exposed() const override;
    std::string_view type_name() const override { return "<class 'threading.Condition'>"; }
    void call(Call& call) override;
    Object value() const override { return lock_->value(); }
    std::string repr() const override;
    bool watches_clients() const override { return true; }
    void client_gone(ClientId client) override;
    void holder_gone(HolderId holder) override { lock_->holder_gone(holder); }

private:
    void wait(Call& call);
    void notify(Call& call);
    void require_lock(const Call& call, const char* verb) const;

    const std::shared_ptr<LockReferent> lock_;
    const std::shared_ptr<WaitingCalls> waiting_;
};

}  // namespace cohort::manager
