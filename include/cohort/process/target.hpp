// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/stored_call.hpp>
#include <cohort/serial/callable.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/serial/token.hpp>

#include <string_view>
#include <tuple>
#include <utility>

namespace cohort::detail {

/// What a Process runs: a callable with its arguments.
class COHORT_API Target {
public:
    virtual ~Target();

    /// Makes the call, here.
    virtual void call() = 0;

    /// Writes what a fresh image of this program needs to make the same call.
    /// @returns the trampoline that reads it there
    /// @throws SerializationError  something cannot cross; the text names its type and the cure
    virtual serial::Token write(serial::Sink& sink) const = 0;
};

/// The role of trampolines that make a Process's call.
inline constexpr std::string_view kTargetRole = "process";

/// Runs in a fresh image: reads a callable and its arguments, and makes the call.
template <class F, class... Args>
struct TargetBody {
    static constexpr std::string_view kRole = kTargetRole;

    static void run(serial::Source& in, void*) {
        auto function = serial::read_callable<F>(in);
        // Braces: the arguments are read from left to right.
        std::tuple<Args...> arguments{serial::read_argument<Args>(in)...};
        invoke_stored(function.get(), arguments);
    }
};

template <class F, class... Args>
class StoredTarget final : public Target {
public:
    template <class G, class... Given>
    explicit StoredTarget(std::in_place_t, G&& function, Given&&... arguments)
        : function_(std::forward<G>(function)), arguments_(std::forward<Given>(arguments)...) {}

    void call() override { invoke_stored(function_, arguments_); }

    serial::Token write(serial::Sink& sink) const override {
        if constexpr (serial::travels_v<F> && (serial::argument_travels_v<Args> && ...)) {
            serial::write_callable(sink, function_, serial::Target::fresh);
            std::apply(
                [&](const Args&... arguments) {
                    (serial::write_argument(sink, arguments, serial::Target::fresh), ...);
                },
                arguments_);
            return serial::token_of<TargetBody<F, Args...>>();
        } else {
            serial::require_travels<F>();
            (serial::require_argument_travels<Args>(), ...);
            return {};
        }
    }

private:
    F function_;
    std::tuple<Args...> arguments_;
};

}  // namespace cohort::detail
