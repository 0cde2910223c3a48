// SPDX-License-Identifier: MIT
#include "manager/server/registered_type.hpp"

#include <cohort/base/errors.hpp>

#include "manager/types/any.hpp"
#include "manager/types/dict.hpp"
#include "manager/types/list.hpp"
#include "manager/types/set.hpp"

#include <utility>

namespace cohort::manager {

std::shared_ptr<Referent> value_referent(Object value) {
    using Kind = Object::Kind;
    if (value.is(Kind::dict)) return std::make_shared<DictReferent>(value.as_dict());
    if (value.is(Kind::list)) return std::make_shared<ListReferent>(std::vector<Object>(value.begin(), value.end()));
    if (value.is(Kind::set)) return std::make_shared<SetReferent>(SetReferent::elements_of(value));
    return std::make_shared<AnyReferent>(std::move(value));
}

ServedType registered_type(std::string type_id, std::shared_ptr<detail::Code> code,
                           std::shared_ptr<const ExposedClasses> classes) {
    ServedType type;
    if (code)
        type.task = [type_id, code, classes](std::span<const Object> args, const Object& kwds) {
            detail::Result result = classes->resolve(code->call(nullptr, {args, kwds, type_id}));
            if (!result.object) return std::move(result.value);
            if (result.undo) result.undo();
            throw TypeError("a task of a pool returns a value: what is shared has no place in its results");
        };
    type.produce = [type_id = std::move(type_id), code = std::move(code), classes = std::move(classes)](
                       std::span<const Object> args, const Object& kwds) {
        if (!code) throw TypeError("clients cannot make objects of this class: it has no constructor for them");
        detail::Result result = classes->resolve(code->call(nullptr, {args, kwds, type_id}), type_id);
        if (result.value.is(Object::Kind::proxy)) result.object = forwarded(ObjectProxy::from_object(result.value));
        return result;
    };
    return type;
}

}  // namespace cohort::manager
