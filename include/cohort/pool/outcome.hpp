// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace cohort {

/// What became of an item: a result or an error.
///
/// @tparam R  the result of a task; may be void
///
/// Thread safety: a value.
template <class R>
class Outcome {
public:
    /// What value() returns: for void std::monostate.
    using Value = std::conditional_t<std::is_void_v<R>, std::monostate, R>;

    /// Of a task that returned.
    Outcome(Value value) : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
    /// Of a task that threw.
    Outcome(std::exception_ptr error) noexcept : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

    /// Whether there is a value, not an error.
    bool has_value() const noexcept { return value_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }

    /// @throws the error, if it is one
    Value& value() & {
        require_value();
        return *value_;
    }
    /// The value; throws the error if there is none.
    const Value& value() const& {
        require_value();
        return *value_;
    }
    /// The value, to move from; throws the error if there is none.
    Value&& value() && {
        require_value();
        return std::move(*value_);
    }

    /// Null if it is a result.
    const std::exception_ptr& error() const noexcept { return error_; }

private:
    void require_value() const {
        if (!value_) std::rethrow_exception(error_);
    }

    std::optional<Value> value_;
    std::exception_ptr error_;
};

/// The type of cohort::collect.
struct Collect {
    explicit constexpr Collect() = default;
};

/// As an argument of Pool::map() or Pool::starmap(): every item gives an Outcome, and no error is thrown.
inline constexpr Collect collect{};

}  // namespace cohort
