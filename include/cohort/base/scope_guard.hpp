// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>
#include <utility>

namespace cohort::detail {

/// Calls a function when the scope is left, by whatever way, unless dismissed: `ScopeGuard undo([&] { … });`.
template <class Function>
class [[nodiscard]] ScopeGuard {
public:
    explicit ScopeGuard(Function function) noexcept(std::is_nothrow_move_constructible_v<Function>)
        : function_(std::move(function)) {}
    ~ScopeGuard() {
        if (armed_) function_();
    }
    ScopeGuard(const ScopeGuard&) = delete;
    ScopeGuard& operator=(const ScopeGuard&) = delete;

    /// The function is not called any more.
    void dismiss() noexcept { armed_ = false; }

private:
    Function function_;
    bool armed_ = true;
};

}  // namespace cohort::detail
