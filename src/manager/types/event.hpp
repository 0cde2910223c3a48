// SPDX-License-Identifier: MIT
#pragma once

#include "manager/timers.hpp"
#include "manager/types/methods.hpp"
#include "manager/types/waiting_calls.hpp"

#include <memory>

namespace cohort::manager {

/// threading.Event. A call of wait() is kept until the event is set, or its time is up; no thread waits.
class EventReferent final : public Referent {
public:
    explicit EventReferent(Timers& timers);

    const std::vector<std::string_view>& exposed() const override;
    std::string_view type_name() const override { return "<class 'threading.Event'>"; }
    void call(Call& call) override;
    Object value() const override;
    std::string repr() const override;
    bool watches_clients() const override { return true; }
    void client_gone(ClientId client) override { waiting_->client_gone(client); }

private:
    static const Methods<EventReferent>& methods();
    Object is_set(const Parameters& given);
    Object set(const Parameters& given);
    Object clear(const Parameters& given);
    void wait(Call& call);

    bool set_ = false;
    const std::shared_ptr<WaitingCalls> waiting_;
};

}  // namespace cohort::manager
