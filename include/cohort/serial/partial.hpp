// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/stored_call.hpp>

#include <tuple>
#include <utility>

namespace cohort {

/// A callable with its first arguments bound to it: made by cohort::partial(). It travels where the callable and the
/// values do, and may be called any number of times: the bound values are passed as lvalues. Only the call of an rvalue
/// moves them out, where nothing else compiles.
///
/// Thread safety: as the callable's.
template <class F, class... Bound>
class Partial {
    template <bool MayMove, class Function, class Values, class... Args>
    using way_t = decltype(detail::find_passing<detail::CallPlan{.may_move = MayMove}, Function, Values, Args...>());
    template <class Way>
    static constexpr bool exists = !std::is_same_v<Way, detail::NoWayToCall>;

public:
    /// Takes the callable and its first arguments; partial() is shorter.
    Partial(F callable, std::tuple<Bound...> values) : function_(std::move(callable)), bound_(std::move(values)) {}

    template <class... Args, class Way = way_t<false, F, std::tuple<Bound...>, Args...>>
    requires exists<Way>
    decltype(auto) operator()(Args&&... args) & { return Way::call(function_, bound_, std::forward<Args>(args)...); }
    template <class... Args, class Way = way_t<false, const F, std::tuple<const Bound...>, Args...>>
    requires exists<Way>
    decltype(auto) operator()(Args&&... args) const& {
        return Way::call(function_, bound_, std::forward<Args>(args)...);
    }
    template <class... Args, class Way = way_t<true, F, std::tuple<Bound...>, Args...>>
    requires exists<Way>
    decltype(auto) operator()(Args&&... args) && { return Way::call(function_, bound_, std::forward<Args>(args)...); }

    /// The callable as it was given.
    const F& function() const noexcept { return function_; }
    /// The values bound to its first parameters.
    const std::tuple<Bound...>& bound() const noexcept { return bound_; }

private:
    F function_;
    std::tuple<Bound...> bound_;
};

/// Binds values to the first parameters of a callable: functions, lambdas, functors, other partials, and members, whose
/// first parameter is the object (`partial(&T::f, object)`; also a pointer that owns it).
/// @param function any callable that travels, where the result is to travel
/// @param values stored copies, text as `std::string`; to travel they must be known to the codec, or travel themselves
template <class F, class... Values>
Partial<detail::stored_t<F>, detail::stored_t<Values>...> partial(F&& function, Values&&... values) {
    return {std::forward<F>(function), detail::store_arguments(std::forward<Values>(values)...)};
}

}  // namespace cohort
