// SPDX-License-Identifier: MIT
#pragma once

#include "manager/timers.hpp"
#include "manager/types/methods.hpp"
#include "manager/types/waiting_calls.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

namespace cohort::manager {

/// queue.Queue. Calls that wait are kept and answered in the order in which they came; no thread waits.
class QueueReferent final : public Referent {
public:
    /// @param maxsize  0 or less: no limit
    QueueReferent(Timers& timers, std::int64_t maxsize);

    const std::vector<std::string_view>& exposed() const override;
    std::string_view type_name() const override { return "<class 'queue.Queue'>"; }
    void call(Call& call) override;
    Object value() const override;
    std::string repr() const override { return "<queue.Queue object>"; }
    bool watches_clients() const override { return true; }
    void client_gone(ClientId client) override;

private:
    static const Methods<QueueReferent>& methods();
    Object empty(const Parameters& given);
    Object full(const Parameters& given);
    Object size(const Parameters& given);
    Object task_done(const Parameters& given);

    void put(Call& call);
    void get(Call& call);
    void join(Call& call);
    void add(Object item);
    Object take();
    bool is_full() const noexcept { return maxsize_ > 0 && static_cast<std::int64_t>(items_.size()) >= maxsize_; }

    const std::int64_t maxsize_;
    std::deque<Object> items_;
    std::int64_t unfinished_ = 0;
    const std::shared_ptr<WaitingCalls> getters_;
    const std::shared_ptr<WaitingCalls> putters_;
    const std::shared_ptr<WaitingCalls> joiners_;
};

}  // namespace cohort::manager
