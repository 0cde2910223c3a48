// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/stored_call.hpp>
#include <cohort/serial/callable.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/serial/growing_value.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/source.hpp>

#include <cstddef>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace cohort::detail {

/// The role of the tokens that name a TaskBody: its context is a LoadedTask.
inline constexpr std::string_view kTaskRole = "pool task";

/// A callable that a worker has loaded, ready to run items.
struct LoadedTask {
    /// Reads the arguments of an item, calls, and writes the result.
    using Run = void (*)(void* callable, serial::Source& arguments, serial::Sink& result);
    /// The same where all results have the same size: writes it where there is room for it.
    using RunFixed = void (*)(void* callable, serial::Source& arguments, std::byte* result);

    std::shared_ptr<void> callable{};
    Run run = nullptr;
    RunFixed run_fixed = nullptr;    ///< null: results vary in size
    std::size_t result_bytes = 0;    ///< of each result; if it has run_fixed
    std::size_t argument_bytes = 0;  ///< of the arguments of each item; 0: they vary
};

template <class... Args>
constexpr std::size_t find_argument_bytes() {
    if constexpr ((serial::has_fixed_size_v<Args> && ...))
        return (std::size_t{0} + ... + serial::fixed_size_v<Args>);
    else
        return 0;
}

/// What a worker does for a callable F whose items have the arguments Args (stored types).
template <class F, class... Args>
struct TaskBody {
    using Result = std::remove_cvref_t<stored_result_t<F, Args...>>;
    using Box = serial::CallableBox<F>;
    static constexpr std::string_view kRole = kTaskRole;

    /// How many bytes the arguments of each item take; 0: they vary.
    static constexpr std::size_t kArgumentBytes = find_argument_bytes<Args...>();

    /// The trampoline: loads the callable into the LoadedTask that `task` points to.
    static void run(serial::Source& in, void* task) {
        auto& loaded = *static_cast<LoadedTask*>(task);
        loaded.callable = std::make_shared<Box>(serial::read_callable<F>(in));
        loaded.run = &run_item;
        loaded.argument_bytes = kArgumentBytes;
        if constexpr (std::is_void_v<Result>) {
            loaded.run_fixed = &run_fixed_item;
        } else if constexpr (serial::has_fixed_size_v<Result>) {
            loaded.run_fixed = &run_fixed_item;
            loaded.result_bytes = serial::fixed_size_v<Result>;
        }
    }

private:
    template <class Arg>
    static Arg read_argument(serial::Source& in) {
        if constexpr (sizeof...(Args) == 1 && serial::can_grow_v<Arg>)
            return serial::read_with_rest<Arg>(in);
        else
            return serial::read_argument<Arg>(in);
    }

    static void run_fixed_item(void* callable, serial::Source& in, [[maybe_unused]] std::byte* result) {
        F& function = static_cast<Box*>(callable)->get();
        std::tuple<Args...> arguments{serial::read_argument<Args>(in)...};
        if constexpr (std::is_void_v<Result>)
            invoke_stored(function, arguments);
        else
            serial::write_at<Result>(result, invoke_stored(function, arguments));
    }
    static void run_item(void* callable, serial::Source& in, serial::Sink& out) {
        F& function = static_cast<Box*>(callable)->get();
        std::tuple<Args...> arguments{read_argument<Args>(in)...};  // braces: in this order
        if constexpr (std::is_void_v<Result>)
            invoke_stored(function, arguments);
        else
            serial::write<Result>(out, invoke_stored(function, arguments));
    }
};

}  // namespace cohort::detail
