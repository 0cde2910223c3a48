// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/serial/callable.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/source.hpp>
#include <cohort/serial/token.hpp>

#include <cstddef>
#include <exception>
#include <string>

namespace cohort::detail {

/// A call of a pool's user as a pool sees it: items, and what becomes of their results. Everything that depends on the
/// user's types is behind this interface and the two that derive from it: how a call goes to other processes, and how
/// it is run here.
///
/// Thread safety: the pool calls one member at a time, from any thread.
class COHORT_API PoolCall {
public:
    explicit PoolCall(std::size_t items) noexcept : items_(items) {}
    virtual ~PoolCall();
    PoolCall(const PoolCall&) = delete;
    PoolCall& operator=(const PoolCall&) = delete;

    std::size_t items() const noexcept { return items_; }

    /// Takes the error of an item.
    virtual void take_error(std::size_t index, std::exception_ptr error) = 0;
    /// The callable, for messages to people.
    virtual std::string function_name() const = 0;

private:
    std::size_t items_;
};

/// What a callable brings along when it is sent.
enum class Baggage {
    none,      ///< nothing but its code: workers may run it again as they have loaded it
    constant,  ///< bytes, the same whenever they are written
    any,       ///< what its codec writes
};

/// A call whose items are run in other processes.
class COHORT_API SentCall : public PoolCall {
public:
    using PoolCall::PoolCall;
    ~SentCall() override;

    /// Writes the callable; @returns the trampoline that loads it there: it gets a LoadedTask.
    virtual serial::Token write_callable(serial::Sink& out, serial::Target target) const = 0;
    virtual Baggage baggage() const noexcept { return Baggage::any; }
    /// Writes the arguments of an item. Called again for an item that is run again.
    virtual void write_item(std::size_t index, serial::Sink& out, serial::Target target) = 0;
    /// Takes the result of an item. Each index gets one result or one error, in any order.
    virtual void read_result(std::size_t index, serial::Source& in) = 0;
};

}  // namespace cohort::detail
