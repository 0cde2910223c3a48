// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/manager/detail/shared_object.hpp>

#include "manager/python_error.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cohort::manager {

/// The arguments of a handle's method, by place or name; those left out are null.
/// @param required  how many must be there
template <std::size_t N>
std::array<const Object*, N> bind_to(const detail::MethodCall& call, const std::array<std::string, N>& names,
                                     std::size_t required) {
    std::array<bool, N> optional{};
    for (std::size_t i = required; i < N; ++i) optional[i] = true;
    std::array<const Object*, N> bound{};
    detail::bind_arguments(call.given, names, optional, bound);
    return bound;
}

inline void expect_no_arguments(const detail::MethodCall& call) {
    detail::bind_arguments(call.given, {}, {}, {});
}

/// How long a method waits with Python's arguments `block` and `timeout`; null where they were left out.
/// @throws PythonError  ValueError: the timeout is negative; TypeError
Timeout wait_arguments(const Object* block, const Object* timeout);
/// The same of `timeout` alone, where a negative one is none.
Timeout timeout_argument(const Object* timeout);

/// The wait of Python's `acquire(blocking, timeout)`.
detail::Wait acquire_wait(const detail::MethodCall& call);

/// An object with a handle's methods, which carry themselves out.
template <class Self>
class HandleMethods {
public:
    struct Method {
        std::string_view name;
        detail::Result (Self::*run)(const detail::MethodCall&);
    };

    HandleMethods(std::initializer_list<Method> exposed, std::initializer_list<Method> hidden = {})
        : all_(exposed), hidden_(hidden) {
        for (const Method& each : all_) names_.push_back(each.name);
    }

    const std::vector<std::string_view>& names() const noexcept { return names_; }
    bool has_hidden(std::string_view name) const {
        for (const Method& each : hidden_)
            if (each.name == name) return true;
        return false;
    }
    /// REQUIRES: there is such a method.
    detail::Result run(Self& self, const detail::MethodCall& call) const {
        for (const auto* methods : {&all_, &hidden_})
            for (const Method& each : *methods)
                if (each.name == call.method) return (self.*each.run)(call);
        return {};
    }

private:
    std::vector<Method> all_;
    std::vector<Method> hidden_;
    std::vector<std::string_view> names_;
};

/// What a call returns that returns no object.
template <class T>
detail::Result value_result(T&& value) {
    return {Object(std::forward<T>(value)), {}, {}, {}};
}

}  // namespace cohort::manager
