// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/serial/callable.hpp>
#include <cohort/serial/growing_value.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/source.hpp>
#include <cohort/serial/token.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <span>
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

/// An argument of many items in a row, as they lie in memory: these bytes, until the call ends.
struct LongArgument {
    std::size_t items = 0;
    std::span<const std::byte> bytes{};
};

/// The argument as such a one. Empty if it is none.
template <class T>
LongArgument long_argument_of([[maybe_unused]] const T& value) noexcept {
    if constexpr (serial::can_grow_v<T>)
        return {value.size(), std::as_bytes(std::span(value.data(), value.size()))};
    else
        return {};
}

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

    /// How many bytes write_item() writes for each item; 0: they vary.
    virtual std::size_t item_bytes() const noexcept { return 0; }
    /// write_item() for items that follow each other.
    virtual void write_items(std::size_t first, std::size_t count, serial::Sink& out, serial::Target target);
    /// read_result() for items that follow each other.
    virtual void read_results(std::size_t first, std::size_t count, serial::Source& in);

    /// Whether items may have a LongArgument.
    virtual bool arguments_grow() const noexcept { return false; }
    /// That of an item, which stays where it is until the call ends: empty if it has none.
    virtual LongArgument long_argument(std::size_t) noexcept { return {}; }
    /// Whether long results may come in parts.
    virtual bool results_grow() const noexcept = 0;
    /// Where the parts of a result are gathered. REQUIRES: results_grow().
    virtual std::unique_ptr<serial::GrowingValue> gather_result() const = 0;
    /// Takes the result of an item that was gathered there.
    virtual void take_gathered(std::size_t index, serial::GrowingValue& result) = 0;
};

/// Whether results of type R may come in parts.
template <class R>
inline constexpr bool result_grows_v = serial::can_grow_v<R>;
template <>
inline constexpr bool result_grows_v<void> = false;

/// One whose results are of type R.
template <class R>
class SentCallFor : public SentCall {
public:
    using SentCall::SentCall;

    bool results_grow() const noexcept final { return result_grows_v<R>; }
    std::unique_ptr<serial::GrowingValue> gather_result() const final {
        if constexpr (result_grows_v<R>)
            return std::make_unique<serial::GrowingValueOf<R>>();
        else
            return nullptr;
    }
};

}  // namespace cohort::detail
