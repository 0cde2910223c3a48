// SPDX-License-Identifier: MIT
#include "manager/server/served_types.hpp"

#include <cohort/serial/object_dict.hpp>

#include "manager/types/array.hpp"
#include "manager/types/dict.hpp"
#include "manager/types/event.hpp"
#include "manager/types/list.hpp"
#include "manager/types/namespace.hpp"
#include "manager/types/queue.hpp"
#include "manager/types/set.hpp"
#include "manager/types/slices.hpp"
#include "manager/types/value.hpp"

#include <array>
#include <cstddef>
#include <string_view>

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

/// The parameters of a function of Python's, by their place or name.
template <std::size_t N>
std::array<Object, N> bind(std::string_view function, const std::array<std::string_view, N>& names,
                           std::size_t required, Args args, const Object& kwds) {
    if (args.size() > N)
        raise_type_error(std::string(function) + "() takes " + std::to_string(N) + " positional arguments but " +
                         std::to_string(args.size()) + " were given");
    std::array<Object, N> bound;
    for (std::size_t i = 0; i < N; ++i) {
        const Object* named = kwds.find(Object(names[i]));
        if (i < args.size())
            bound[i] = args[i];
        else if (named)
            bound[i] = *named;
        else if (i < required)
            raise_type_error(std::string(function) + "() missing required argument: '" + std::string(names[i]) + "'");
    }
    return bound;
}

std::shared_ptr<Referent> make_namespace(Args args, const Object& kwds) {
    if (!args.empty())
        raise_type_error("Namespace.__init__() takes 1 positional argument but " + std::to_string(args.size() + 1) +
                         " were given");
    return std::make_shared<NamespaceReferent>(kwds.as_dict());
}

std::shared_ptr<Referent> make_value(Args args, const Object& kwds) {
    const auto bound = bind<3>("Value", {"typecode", "value", "lock"}, 2, args, kwds);
    return std::make_shared<ValueReferent>(bound[0], bound[1]);
}

std::shared_ptr<Referent> make_array(Args args, const Object& kwds) {
    const auto bound = bind<3>("Array", {"typecode", "sequence", "lock"}, 2, args, kwds);
    return std::make_shared<ArrayReferent>(bound[0], bound[1]);
}

std::shared_ptr<Referent> make_list(Args args, const Object& kwds) {
    return std::make_shared<ListReferent>(one_iterable("list", args, kwds));
}

std::shared_ptr<Referent> make_set(Args args, const Object& kwds) {
    return std::make_shared<SetReferent>(SetReferent::elements_of(Object::list(one_iterable("set", args, kwds))));
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
        const Object maxsize = bind<1>("Queue", {"maxsize"}, 0, args, kwds)[0];
        return std::make_shared<QueueReferent>(timers, maxsize.is_none() ? 0 : clamped_int(maxsize));
    };
    types["Queue"].make = make_queue;
    types["JoinableQueue"].make = make_queue;
    types["Event"].make = [&timers](Args, const Object&) { return std::make_shared<EventReferent>(timers); };
    return types;
}

}  // namespace cohort::manager
