// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace cohort::detail {

template <class Signature>
class FunctionRef;

/// A callable that somebody else owns, for the length of one call. Never stored.
template <class R, class... Args>
class FunctionRef<R(Args...)> {
    template <class F>
    static constexpr bool fits =
        !std::is_same_v<std::remove_cvref_t<F>, FunctionRef> && std::is_invocable_r_v<R, F&, Args...>;

    template <class F>
    [[gnu::hot]] static R call(void* object, Args... args) {
        return (*static_cast<std::remove_reference_t<F>*>(object))(std::forward<Args>(args)...);
    }

public:
    // NOLINTBEGIN(bugprone-forwarding-reference-overload): copies do not fit
    template <class F, std::enable_if_t<fits<F>, int> = 0>
    FunctionRef(F&& f) noexcept
        : object_(const_cast<void*>(static_cast<const void*>(std::addressof(f)))), call_(&call<F>) {}
    // NOLINTEND(bugprone-forwarding-reference-overload)

    R operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

private:
    void* object_;
    R (*call_)(void*, Args...);
};

}  // namespace cohort::detail
