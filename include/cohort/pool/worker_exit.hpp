// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/process/target.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace cohort {

/// What a worker of a pool calls before it leaves: any callable without arguments, see PoolOptions::worker_exit.
///
/// A value; copies share the callable. Thread safety: none.
class WorkerExit {
public:
    /// Nothing is called.
    WorkerExit() = default;
    /// @param function  under spawn and forkserver one that can be sent
    /// @throws ValueError  it is a null pointer
    template <class F>
    requires(!std::is_same_v<F, WorkerExit>) WorkerExit(F function) : call_(detail::make_target(std::move(function))) {
        using Unstorable = detail::storing_fault_t<F>;
        Unstorable::explain();
        static_assert(Unstorable::exists || detail::is_target_v<F>,
                      "cohort::Pool: the worker_exit cannot be called without arguments");
    }

    /// For Pool: null if there is nothing to call.
    detail::Target* call() const noexcept { return call_.get(); }

private:
    std::shared_ptr<detail::Target> call_;
};

}  // namespace cohort
