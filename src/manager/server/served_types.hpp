// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/manager/detail/shared_object.hpp>

#include "manager/referent.hpp"
#include "manager/timers.hpp"
#include "manager/types/task_runner.hpp"
#include "manager/workers.hpp"

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

namespace cohort::manager {

/// What clients can have made, under a name.
struct ServedType {
    /// @param kwds  a dict
    using Make = std::function<std::shared_ptr<Referent>(std::span<const Object> args, const Object& kwds)>;

    /// Code of the program, which has an object made or found; it runs in a thread of its own.
    using Produce = std::function<detail::Result(std::span<const Object> args, const Object& kwds)>;

    Make make{};
    bool may_wait = false;  ///< it is made in a thread of its own, too
    Produce produce{};      ///< instead of `make`
    Task task{};            ///< what a pool can run by this name
};

/// By name.
using ServedTypes = std::map<std::string, ServedType, std::less<>>;

/// The types of Python's SyncManager.
/// @param timers  outlives the objects
ServedTypes built_in_types(Timers& timers);
/// Python's Pool, for the tasks that are among the types already.
void add_pool_type(ServedTypes& types, Timers& timers, Workers& workers);

}  // namespace cohort::manager
