// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/plain_data.hpp>

#include <functional>
#include <type_traits>
#include <utility>

namespace cohort {

/// A callable whose captures are sent as they are: made by cohort::by_value().
template <class F>
class ByValue {
public:
    /// Takes the callable; by_value() is shorter.
    explicit ByValue(F callable) : function_(std::move(callable)) {}

    template <class... Args>
    requires std::is_invocable_v<F&, Args...>
    decltype(auto) operator()(Args&&... args) { return std::invoke(function_, std::forward<Args>(args)...); }
    template <class... Args>
    requires std::is_invocable_v<const F&, Args...>
    decltype(auto) operator()(Args&&... args) const { return std::invoke(function_, std::forward<Args>(args)...); }

    /// The callable as it was given.
    const F& function() const noexcept { return function_; }

private:
    F function_;
};

/// Sends a callable's captures as plain bytes without the check that none of them points into memory: for captured
/// numbers (hashes, random numbers) that only look like addresses. A pointer that is captured in earnest is as wrong in
/// the other process as it was before.
template <class F>
ByValue<std::decay_t<F>> by_value(F&& function) {
    static_assert(detail::is_plain_data_v<std::decay_t<F>>,
                  "cohort: by_value sends plain bytes, and these captures are not plain data: bind them with "
                  "cohort::partial(f, values...)");
    return ByValue<std::decay_t<F>>(std::forward<F>(function));
}

}  // namespace cohort
