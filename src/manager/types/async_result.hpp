// SPDX-License-Identifier: MIT
#pragma once

#include "manager/timers.hpp"
#include "manager/types/methods.hpp"
#include "manager/types/task_runner.hpp"
#include "manager/types/waiting_calls.hpp"

#include <deque>
#include <memory>
#include <optional>

namespace cohort::manager {

/// multiprocessing.pool.AsyncResult: what a task will have come to. Calls that wait for it are kept.
class AsyncResultReferent final : public Referent {
public:
    explicit AsyncResultReferent(Timers& timers);

    /// The task has ended.
    void take(Outcome outcome);

    const std::vector<std::string_view>& exposed() const override;
    std::string_view type_name() const override { return "<class 'multiprocessing.pool.AsyncResult'>"; }
    void call(Call& call) override;
    Object value() const override;
    std::string repr() const override { return "<multiprocessing.pool.AsyncResult object>"; }
    bool watches_clients() const override { return true; }
    void client_gone(ClientId client) override;

private:
    static const Methods<AsyncResultReferent>& methods();
    Object ready(const Parameters& given);
    Object successful(const Parameters& given);

    std::optional<Outcome> outcome_;
    const std::shared_ptr<WaitingCalls> getters_;
    const std::shared_ptr<WaitingCalls> waiters_;
};

/// What Pool.imap() gives: the outcomes of many tasks, one after the other.
class ResultIterator final : public Referent {
public:
    enum class Order { of_tasks, of_ends };

    ResultIterator(Timers& timers, Order order, std::size_t count);

    /// A task has ended.
    void take(std::size_t number, Outcome outcome);

    const std::vector<std::string_view>& exposed() const override;
    std::string_view type_name() const override { return "<class 'multiprocessing.pool.IMapIterator'>"; }
    void call(Call& call) override;
    Object value() const override;
    std::string repr() const override { return "<multiprocessing.pool.IMapIterator object>"; }
    bool watches_clients() const override { return true; }
    void client_gone(ClientId client) override { waiting_->client_gone(client); }

private:
    void give_some();

    const std::size_t count_;
    std::size_t given_ = 0;
    std::deque<std::optional<Outcome>> outcomes_;  // that come next; nothing: not there yet
    const Order order_;
    const std::shared_ptr<WaitingCalls> waiting_;
};

}  // namespace cohort::manager
