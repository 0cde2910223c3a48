// SPDX-License-Identifier: MIT
#pragma once

#include "manager/call.hpp"
#include "manager/timers.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace cohort::manager {

/// Calls that wait for something, in the order in which they came.
///
/// Thread safety: none. Destroyed, it drops its calls.
class WaitingCalls : public std::enable_shared_from_this<WaitingCalls> {
public:
    using TimeIsUp = std::function<void(Call& call)>;

    /// @param time_is_up  answers a call that has waited too long
    static std::shared_ptr<WaitingCalls> make(Timers& timers, TimeIsUp time_is_up) {
        return std::shared_ptr<WaitingCalls>(new WaitingCalls(timers, std::move(time_is_up)));
    }
    ~WaitingCalls();
    WaitingCalls(const WaitingCalls&) = delete;
    WaitingCalls& operator=(const WaitingCalls&) = delete;

    void add(Call& call, const Deadline& deadline);
    bool empty() const noexcept { return waiters_.empty(); }
    std::size_t size() const noexcept { return waiters_.size(); }
    /// The one that waits longest.
    std::optional<Call> take_first();
    /// What a client waited for is nobody's. @returns whether it waited
    bool client_gone(ClientId client);

private:
    struct Waiter {
        Call call;
        Timers::Id timer;
    };

    WaitingCalls(Timers& timers, TimeIsUp time_is_up) noexcept : timers_(timers), time_is_up_(std::move(time_is_up)) {}
    void end_wait(std::uint64_t number);

    Timers& timers_;
    const TimeIsUp time_is_up_;
    std::uint64_t last_ = 0;
    std::map<std::uint64_t, Waiter> waiters_;
};

}  // namespace cohort::manager
