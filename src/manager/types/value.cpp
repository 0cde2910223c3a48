// SPDX-License-Identifier: MIT
#include "manager/types/value.hpp"

#include <cohort/serial/object_dict.hpp>
#include <cohort/serial/object_instance.hpp>

#include "manager/types/atomically.hpp"

namespace cohort::manager {

const Methods<ValueReferent>& ValueReferent::methods() {
    using Self = ValueReferent;
    static const Methods<Self> all{
        {"get", &Self::get, python(0)},
        {"set", &Self::set, python(1)},
        {"#cohort.compare_exchange", &Self::compare_exchange, takes(2), false},
        {"#cohort.add", &Self::add_number, takes(1, 3), false},
    };
    return all;
}

const std::vector<std::string_view>& ValueReferent::exposed() const {
    return methods().exposed();
}

void ValueReferent::call(Call& call) {
    call.reply(methods().run(*this, call, "Value"));
}

Object ValueReferent::value() const {
    ObjectInstance parts;
    parts.form = ObjectInstance::Form::new_call;
    parts.callable = Object::global("multiprocessing.managers", "Value");
    parts.state = Object::dict({{"_typecode", typecode_}, {"_value", value_}});
    return Object::instance(std::move(parts));
}

Object ValueReferent::get(const Parameters&) {
    return value_;
}

Object ValueReferent::set(const Parameters& given) {
    value_ = given[0];
    return {};
}

Object ValueReferent::compare_exchange(const Parameters& given) {
    return atomically::compare_exchange(value_, given[0], given[1]);
}

Object ValueReferent::add_number(const Parameters& given) {
    return value_ = atomically::sum(value_, given[0], given.get(1), given.get(2));
}

}  // namespace cohort::manager
