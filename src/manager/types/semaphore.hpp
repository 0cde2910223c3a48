// SPDX-License-Identifier: MIT
#pragma once

#include "manager/timers.hpp"
#include "manager/types/methods.hpp"
#include "manager/types/waiting_calls.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace cohort::manager {

/// threading.Semaphore and threading.BoundedSemaphore. Calls that wait are kept and answered in the order in which they
/// came; no thread waits.
///
/// DEATH: a unit that was taken by a guard (Python's `with`, which calls acquire() without an argument; lock() of
/// cohort's clients) comes back with the process, where that is known, else with the connection. One that was taken by
/// acquire() is gone, as it may be a signal that was used up.
class SemaphoreReferent final : public Referent {
public:
    enum class Kind { unbounded, bounded };

    /// @throws PythonError  ValueError: negative; TypeError: no number
    SemaphoreReferent(Timers& timers, Kind kind, const Object& value);

    const std::vector<std::string_view>& exposed() const override;
    std::string_view type_name() const override;
    void call(Call& call) override;
    Object value() const override;
    std::string repr() const override;
    bool watches_clients() const override { return true; }
    void client_gone(ClientId client) override;
    void holder_gone(HolderId holder) override { give_back(by_process_, holder); }

private:
    /// Units that guards hold.
    using Held = std::unordered_map<std::uint64_t, std::int64_t>;

    static const Methods<SemaphoreReferent>& methods();
    Object locked(const Parameters& given);
    Object get_value(const Parameters& given);

    void acquire(Call& call, bool blocking, const Timeout& timeout);
    void release(Call& call);
    void grant(Call& call);
    void add(std::int64_t units);
    std::int64_t& held_by(const Call& call);
    void give_back(Held& held, std::uint64_t holder);

    const Kind kind_;
    const std::int64_t initial_;
    std::int64_t value_;
    Held by_process_;
    Held by_connection_;
    const std::shared_ptr<WaitingCalls> waiting_;
};

}  // namespace cohort::manager
