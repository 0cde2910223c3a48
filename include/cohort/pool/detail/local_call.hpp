// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/function_ref.hpp>
#include <cohort/pool/detail/pool_call.hpp>

#include <cstddef>
#include <stop_token>

namespace cohort::detail {

/// The hold that a call has on its pool while one of its items runs.
struct ItemRun {
    /// Runs what is the user's while others may use the pool and the call. What that throws comes through.
    /// @returns false if nobody wants the outcome any more: then the call must not be touched
    FunctionRef<bool(FunctionRef<void()>)> unlocked;
    /// Says when the outcome is not wanted any more, if the call takes a token.
    std::stop_token stop;
    /// Whether an error of the item may be followed by another run.
    bool may_run_again;
};

/// A call whose items are run in this process, in threads of the pool.
///
/// Thread safety: as PoolCall; but while one item is in ItemRun::unlocked, other members are called.
class COHORT_API LocalCall : public PoolCall {
public:
    using PoolCall::PoolCall;
    ~LocalCall() override;

    /// Runs an item, and keeps its result; throws its error, which the pool gives to take_error().
    virtual void run_item(std::size_t index, ItemRun& run) = 0;
    /// Whether the callable takes a stop token before its arguments.
    virtual bool takes_stop_token() const noexcept = 0;
    /// Whether items can be run again: there are copies of what a run may use up.
    virtual bool is_repeatable() const noexcept = 0;
};

}  // namespace cohort::detail
