// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/stored_call.hpp>
#include <cohort/pool/async_result.hpp>
#include <cohort/pool/pool.hpp>
#include <cohort/serial/by_value.hpp>

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace cohort {

namespace detail {

/// A call that is stored in this process, and made in a fork of it.
template <class F, class... Args>
struct StoredCall {
    F function;
    std::tuple<Args...> arguments;
    std::unique_ptr<Pool> pool{};
};

template <class Stored>
struct CallStored {
    Stored* stored;

    decltype(auto) operator()() const { return invoke_stored(stored->function, stored->arguments); }
};

}  // namespace detail

/// Runs `f(arguments...)` in a process that is forked for it; does not wait for it.
///
/// The process has this one's memory: `f` may be any callable, with captures by reference, and the arguments, which are
/// stored as copies, any objects; only the result is sent. The call goes on when its result is given up.
/// @returns where the result will be; cancel() ends the process
/// @throws std::system_error  the process cannot be started; Error in a daemonic process
/// Thread safety: safe. FORK, DEATH: as Pool with StartMethod::fork: if the process dies, the result is a
/// WorkerLostError.
template <class F, class... Args>
auto call_async(F&& f, Args&&... arguments) {
    using Stored = detail::StoredCall<std::decay_t<F>, detail::stored_t<Args>...>;
    auto stored = std::make_shared<Stored>(Stored{std::forward<F>(f), {std::forward<Args>(arguments)...}, nullptr});
    serial::refuse_null(stored->function);
    stored->pool = std::make_unique<Pool>(PoolOptions{.processes = 1, .start_method = StartMethod::fork});
    auto result = stored->pool->apply_async(by_value(detail::CallStored<Stored>{stored.get()}));
    // The pool and what it calls are there until the call has ended.
    result.add_done_callback([stored](const auto&) { stored->pool.reset(); });
    return result;
}

}  // namespace cohort
