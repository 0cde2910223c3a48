// SPDX-License-Identifier: MIT
#pragma once

#include "manager/timers.hpp"
#include "manager/types/methods.hpp"
#include "manager/types/waiting_calls.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace cohort::manager {

/// threading.Barrier. Calls of wait() are kept until all parties are here; no thread waits.
///
/// DEATH: of a client that waits: the barrier breaks.
class BarrierReferent final : public Referent {
public:
    /// @param action  None: the server runs no code of clients   @param timeout  for wait(), where none is given
    /// @throws PythonError  ValueError, TypeError
    BarrierReferent(Timers& timers, const Object& parties, const Object& action, const Object& timeout);

    const std::vector<std::string_view>& exposed() const override;
    std::string_view type_name() const override { return "<class 'threading.Barrier'>"; }
    void call(Call& call) override;
    Object value() const override;
    std::string repr() const override;
    bool watches_clients() const override { return true; }
    void client_gone(ClientId client) override;

private:
    static const Methods<BarrierReferent>& methods();
    Object abort(const Parameters& given);
    Object reset(const Parameters& given);
    Object attribute(const Parameters& given);

    void wait(Call& call);
    void fail_waiting();
    void break_down();

    const std::size_t parties_;
    const Timeout timeout_;
    bool broken_ = false;
    const std::shared_ptr<WaitingCalls> waiting_;
};

}  // namespace cohort::manager
