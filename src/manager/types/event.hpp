// SPDX-License-Identifier: MIT
#pragma once

#include "manager/timers.hpp"
#include "manager/types/methods.hpp"

#include <cstdint>
#include <map>
#include <memory>

namespace cohort::manager {

/// threading.Event. A call of wait() is kept until the event is set, or its time is up; no thread waits.
class EventReferent final : public Referent, public std::enable_shared_from_this<EventReferent> {
public:
    explicit EventReferent(Timers& timers) : timers_(timers) {}
    ~EventReferent() override;

    const std::vector<std::string_view>& exposed() const override;
    std::string_view type_name() const override { return "<class 'threading.Event'>"; }
    void call(Call& call) override;
    Object value() const override;
    std::string repr() const override;
    bool watches_clients() const override { return true; }
    void client_gone(ClientId client) override;

private:
    struct Waiter {
        Call call;
        Timers::Id timer;
    };

    static const Methods<EventReferent>& methods();
    Object is_set(const Parameters& given);
    Object set(const Parameters& given);
    Object clear(const Parameters& given);
    void wait(Call& call);
    void time_is_up(std::uint64_t number);

    Timers& timers_;
    bool set_ = false;
    std::uint64_t last_waiter_ = 0;
    std::map<std::uint64_t, Waiter> waiters_;  // in the order in which they came
};

}  // namespace cohort::manager
