// SPDX-License-Identifier: MIT
#include "manager/server/registered_type.hpp"

#include <cohort/base/errors.hpp>

#include "manager/types/any.hpp"
#include "manager/types/dict.hpp"
#include "manager/types/list.hpp"
#include "manager/types/set.hpp"

#include <utility>

namespace cohort::manager {

namespace {

std::shared_ptr<Referent> shared_object(Object value) {
    using Kind = Object::Kind;
    if (value.is(Kind::dict)) return std::make_shared<DictReferent>(value.as_dict());
    if (value.is(Kind::list)) return std::make_shared<ListReferent>(std::vector<Object>(value.begin(), value.end()));
    if (value.is(Kind::set)) return std::make_shared<SetReferent>(SetReferent::elements_of(value));
    return std::make_shared<AnyReferent>(std::move(value));
}

}  // namespace

ServedType registered_type(detail::RegisteredCall callable) {
    const auto shared = std::make_shared<const detail::RegisteredCall>(std::move(callable));
    const auto call = [shared](std::span<const Object> args, const Object& kwds) {
        if (!kwds.empty()) raise_type_error("a function of C++ takes no keyword arguments");
        return (*shared)(args);
    };
    const auto make = [call](std::span<const Object> args, const Object& kwds) {
        return shared_object(call(args, kwds));
    };
    return {make, true, call};
}

void detail::fail_argument_count(std::size_t takes, std::size_t given) {
    throw TypeError("the function takes " + std::to_string(takes) + " arguments but " + std::to_string(given) +
                    " were given");
}

}  // namespace cohort::manager
