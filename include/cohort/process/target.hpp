// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/stored_call.hpp>
#include <cohort/serial/callable.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/serial/handle_memory.hpp>
#include <cohort/serial/token.hpp>

#include <memory>
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

    /// Visits the memory in which the handles lie that the call holds.
    virtual void visit_handle_memory(serial::HandleMemory visit) const = 0;
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

    void visit_handle_memory(serial::HandleMemory visit) const override {
        serial::visit_handle_memory(function_, visit);
        std::apply([&](const Args&... arguments) { (serial::visit_handle_memory(arguments, visit), ...); }, arguments_);
    }

private:
    F function_;
    std::tuple<Args...> arguments_;
};

/// What is to be done about something given as a T that cannot be stored.
template <class T>
constexpr serial::Cure storing_cure() {
    if constexpr (is_storable_v<T>)
        return serial::Cure::none;
    else if constexpr (std::is_move_constructible_v<stored_t<T>>)
        return serial::Cure::uncopied;
    else if constexpr (serial::value_fault_t<stored_t<T>>::cure == serial::Cure::local)
        return serial::Cure::local;
    else
        return serial::Cure::immovable;
}

template <class First, class... Rest>
constexpr auto find_storing_fault() {
    if constexpr (!is_storable_v<First>)
        return serial::Fault<stored_t<First>, storing_cure<First>()>();
    else if constexpr (sizeof...(Rest) == 0)
        return serial::NoFault();
    else
        return find_storing_fault<Rest...>();
}

/// Why a callable and arguments that are given as Ts cannot be stored, if they cannot.
template <class... Ts>
using storing_fault_t = decltype(find_storing_fault<Ts...>());

/// Whether a target can be made of what is given as an F and Args.
template <class F, class... Args>
inline constexpr bool is_target_v =
    is_storable_v<F> && (is_storable_v<Args> && ...) && is_stored_invocable_v<stored_t<F>, stored_t<Args>...>;

/// Stores a callable and its arguments. What cannot be a target compiles too: the caller says what is wrong.
/// @throws ValueError  the callable is a null pointer
template <class F, class... Args>
std::unique_ptr<Target> make_target(F&& function, Args&&... arguments) {
    if constexpr (is_target_v<F, Args...>) {
        serial::refuse_null(function);
        return std::make_unique<StoredTarget<stored_t<F>, stored_t<Args>...>>(std::in_place, std::forward<F>(function),
                                                                              std::forward<Args>(arguments)...);
    } else {
        return nullptr;
    }
}

}  // namespace cohort::detail
