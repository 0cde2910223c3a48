// SPDX-License-Identifier: MIT
#include "manager/server/served_types.hpp"

#include <cohort/process/current_process.hpp>
#include <cohort/serial/object_dict.hpp>

#include "manager/reference.hpp"
#include "manager/types/arguments.hpp"
#include "manager/types/array.hpp"
#include "manager/types/barrier.hpp"
#include "manager/types/condition.hpp"
#include "manager/types/dict.hpp"
#include "manager/types/event.hpp"
#include "manager/types/list.hpp"
#include "manager/types/lock.hpp"
#include "manager/types/namespace.hpp"
#include "manager/types/pool.hpp"
#include "manager/types/queue.hpp"
#include "manager/types/semaphore.hpp"
#include "manager/types/set.hpp"
#include "manager/types/slices.hpp"
#include "manager/types/value.hpp"

#include <memory>
#include <string_view>
#include <utility>

namespace cohort::manager {

namespace {

using Args = std::span<const Object>;

// `list()` and `set()`: of nothing or one iterable.
std::vector<Object> one_iterable(std::string_view type, Args args, const Object& kwds) {
    if (!kwds.empty()) raise_type_error(std::string(type) + "() takes no keyword arguments");
    if (args.size() > 1)
        raise_type_error(std::string(type) + " expected at most 1 argument, got " + std::to_string(args.size()));
    return args.empty() ? std::vector<Object>() : iterate(args[0]);
}

std::shared_ptr<Referent> make_namespace(Args args, const Object& kwds) {
    if (!args.empty())
        raise_type_error("Namespace.__init__() takes 1 positional argument but " + std::to_string(args.size() + 1) +
                         " were given");
    return std::make_shared<NamespaceReferent>(kwds.as_dict());
}

std::shared_ptr<Referent> make_value(Args args, const Object& kwds) {
    const auto bound = bind_arguments("Value", {"typecode", "value", "lock"}, 2, args, kwds);
    return std::make_shared<ValueReferent>(bound[0], bound[1]);
}

std::shared_ptr<Referent> make_array(Args args, const Object& kwds) {
    const auto bound = bind_arguments("Array", {"typecode", "sequence", "lock"}, 2, args, kwds);
    return std::make_shared<ArrayReferent>(bound[0], bound[1]);
}

std::shared_ptr<Referent> make_list(Args args, const Object& kwds) {
    return std::make_shared<ListReferent>(one_iterable("list", args, kwds));
}

std::shared_ptr<Referent> make_set(Args args, const Object& kwds) {
    return std::make_shared<SetReferent>(SetReferent::elements_of(Object::list(one_iterable("set", args, kwds))));
}

std::shared_ptr<LockReferent> make_lock(Timers& timers, LockReferent::Kind kind, Args args, const Object& kwds) {
    if (!args.empty() || !kwds.empty()) raise_type_error("a lock takes no arguments");
    return std::make_shared<LockReferent>(timers, kind);
}

std::shared_ptr<Referent> make_semaphore(Timers& timers, SemaphoreReferent::Kind kind, Args args, const Object& kwds) {
    const auto bound = bind_arguments("Semaphore", {{"value", 1}}, 0, args, kwds);
    return std::make_shared<SemaphoreReferent>(timers, kind, bound[0]);
}

std::shared_ptr<Referent> make_condition(Timers& timers, Args args, const Object& kwds) {
    const Object lock = bind_arguments("Condition", {"lock"}, 0, args, kwds)[0];
    auto referent = lock.is_none() ? std::make_shared<LockReferent>(timers, LockReferent::Kind::recursive)
                                   : std::dynamic_pointer_cast<LockReferent>(referent_of(lock));
    if (!referent) raise_type_error("the lock of a Condition is a Lock or an RLock of the same server");
    return std::make_shared<ConditionReferent>(timers, std::move(referent));
}

std::shared_ptr<Referent> make_barrier(Timers& timers, Args args, const Object& kwds) {
    const auto bound = bind_arguments("Barrier", {"parties", "action", "timeout"}, 1, args, kwds);
    return std::make_shared<BarrierReferent>(timers, bound[0], bound[1], bound[2]);
}

/// Those that calls wait for.
void add_synchronization(ServedTypes& types, Timers& timers) {
    const auto add = [&](const char* name, auto make, auto... kind) {
        types[name].make = [&timers, make, kind...](Args args, const Object& kwds) {
            return make(timers, kind..., args, kwds);
        };
    };
    add("Lock", make_lock, LockReferent::Kind::plain);
    add("RLock", make_lock, LockReferent::Kind::recursive);
    add("Semaphore", make_semaphore, SemaphoreReferent::Kind::unbounded);
    add("BoundedSemaphore", make_semaphore, SemaphoreReferent::Kind::bounded);
    add("Condition", make_condition);
    add("Barrier", make_barrier);
    types["Event"].make = [&timers](Args, const Object&) { return std::make_shared<EventReferent>(timers); };
}

std::size_t pool_size(const Object& processes) {
    if (processes.is_none()) return static_cast<std::size_t>(cpu_count());
    if (!is_int(processes))
        raise_type_error("'" + processes.type_name() + "' object cannot be interpreted as an integer");
    if (processes < Object(1)) raise_value_error("Number of processes must be at least 1");
    return static_cast<std::size_t>(clamped_int(processes));
}

}  // namespace

ServedTypes built_in_types(Timers& timers) {
    ServedTypes types;
    types["dict"].make = [](Args args, const Object& kwds) { return DictReferent::make(args, kwds); };
    types["list"].make = make_list;
    types["set"].make = make_set;
    types["Namespace"].make = make_namespace;
    types["Value"].make = make_value;
    types["Array"].make = make_array;
    const auto make_queue = [&timers](Args args, const Object& kwds) {
        const Object maxsize = bind_arguments("Queue", {"maxsize"}, 0, args, kwds)[0];
        return std::make_shared<QueueReferent>(timers, maxsize.is_none() ? 0 : clamped_int(maxsize));
    };
    types["Queue"].make = make_queue;
    types["JoinableQueue"].make = make_queue;
    add_synchronization(types, timers);
    return types;
}
void add_pool_type(ServedTypes& types, Timers& timers, Workers& workers) {
    const auto tasks = std::make_shared<Tasks>();
    for (const auto& [name, type] : types)
        if (type.task) tasks->emplace(name, type.task);
    types["Pool"].make = [&timers, &workers, tasks](Args args, const Object& kwds) {
        const auto bound = bind_arguments(
            "Pool", {"processes", "initializer", {"initargs", Object::tuple()}, "maxtasksperchild"}, 0, args, kwds);
        if (!bound[1].is_none() || !bound[3].is_none())
            raise_type_error("a pool in a server of cohort has neither initializer nor maxtasksperchild");
        return std::make_shared<PoolReferent>(timers, tasks, TaskRunner::make(timers, workers, pool_size(bound[0])));
    };
}

}  // namespace cohort::manager
