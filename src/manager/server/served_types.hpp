// SPDX-License-Identifier: MIT
#pragma once

#include "manager/referent.hpp"
#include "manager/server/workers.hpp"
#include "manager/timers.hpp"
#include "manager/types/task_runner.hpp"

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

    Make make;
    bool may_wait = false;  ///< made by code of the program: in a thread of its own
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
