// SPDX-License-Identifier: MIT
#include "manager/types/namespace.hpp"

#include <cohort/serial/object_instance.hpp>

#include <algorithm>

namespace cohort::manager {

namespace {

const Object& attribute_name(const Object& name) {
    if (!name.is(Object::Kind::str)) raise_type_error("attribute name must be string, not '" + name.type_name() + "'");
    return name;
}

[[noreturn]] void raise_no_attribute(const Object& name) {
    raise("AttributeError", "'Namespace' object has no attribute '" + name.str() + "'");
}

}  // namespace

const Methods<NamespaceReferent>& NamespaceReferent::methods() {
    using Self = NamespaceReferent;
    static const Methods<Self> all{
        {"__getattribute__", &Self::get_attribute, slot(1)},
        {"__setattr__", &Self::set_attribute, slot(2)},
        {"__delattr__", &Self::delete_attribute, slot(1)},
    };
    return all;
}

const std::vector<std::string_view>& NamespaceReferent::exposed() const {
    return methods().exposed();
}

void NamespaceReferent::call(Call& call) {
    call.reply(methods().run(*this, call, "Namespace"));
}

Object NamespaceReferent::value() const {
    ObjectInstance parts;
    parts.form = ObjectInstance::Form::new_call;
    parts.callable = Object::global("multiprocessing.managers", "Namespace");
    parts.state = Object::dict(attributes_);
    return Object::instance(std::move(parts));
}

std::string NamespaceReferent::repr() const {
    std::vector<std::string> shown;
    for (const auto& [name, value] : attributes_)
        if (!name.as_str().starts_with('_')) shown.push_back(name.str() + "=" + value.repr());
    std::ranges::sort(shown);
    std::string text = "Namespace(";
    for (const std::string& each : shown) text.append(&each == shown.data() ? "" : ", ").append(each);
    return text + ")";
}

Object NamespaceReferent::get_attribute(const Parameters& given) {
    const Object& name = attribute_name(given[0]);
    if (const Object* found = attributes_.find(name)) return *found;
    if (name == Object("__dict__")) return Object::dict(attributes_);
    raise_no_attribute(name);
}

Object NamespaceReferent::set_attribute(const Parameters& given) {
    attributes_.assign(attribute_name(given[0]), given[1]);
    return {};
}

Object NamespaceReferent::delete_attribute(const Parameters& given) {
    if (!attributes_.erase(attribute_name(given[0]))) raise_no_attribute(given[0]);
    return {};
}

}  // namespace cohort::manager
