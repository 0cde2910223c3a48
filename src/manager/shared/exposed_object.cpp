// SPDX-License-Identifier: MIT
#include "manager/shared/exposed_object.hpp"

#include <cohort/base/errors.hpp>

#include "manager/python_error.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace cohort::manager {

namespace {

using detail::MethodCall;
using detail::Result;

// What Python tells its users of; `__str__` and its like are every proxy's.
bool is_told(std::string_view method) {
    return !method.starts_with('#') && method != "__str__" && method != "__repr__";
}

template <class Members>
auto* find_member(Members& members, std::string_view name) {
    const auto found = std::ranges::find(members, name, [](const auto& each) -> std::string_view { return each.name; });
    return found == members.end() ? nullptr : &*found;
}

std::string_view attribute_name(const MethodCall& call, std::size_t arguments) {
    if (call.given.args.size() != arguments || !call.given.args[0].is(Object::Kind::str))
        throw TypeError("the name of an attribute is expected");
    return call.given.args[0].as_str();
}

/// An instance of an exposed class.
class ExposedObject final : public detail::SharedObject {
public:
    ExposedObject(std::shared_ptr<void> instance, const ExposedClasses::Entry& entry,
                  std::shared_ptr<const ExposedClasses> classes)
        : instance_(std::move(instance)), entry_(entry), classes_(std::move(classes)) {}

    const void* identity() const noexcept override { return instance_.get(); }
    const void* kind() const noexcept override { return &entry_; }
    std::string type_id() const override { return entry_.type_id; }
    std::string class_name() const override { return entry_.what.name; }
    const std::vector<std::string_view>& methods() const override { return entry_.methods; }
    bool is_serial() const noexcept override { return !entry_.what.concurrent; }
    bool has_hidden(std::string_view name) const override {
        const bool of_attributes = name == "__getattribute__" || name == "__setattr__";
        return method(name) || (of_attributes && !entry_.what.attributes.empty());
    }

    Result call(const MethodCall& call) override {
        if (const auto* found = method(call.method))
            return classes_->resolve(found->code->call(instance_.get(), call.given));
        const bool gets = call.method == "__getattribute__";
        return gets ? get_attribute(call) : set_attribute(call);
    }

private:
    // Python's str() of a proxy asks for `__repr__`: one of the two serves for both.
    const detail::ExposedClass::Method* method(std::string_view name) const {
        const auto& methods = entry_.what.methods;
        if (const auto* found = find_member(methods, name)) return found;
        if (name == "__repr__") return find_member(methods, "__str__");
        return name == "__str__" ? find_member(methods, "__repr__") : nullptr;
    }
    const detail::ExposedClass::Attribute& attribute(std::string_view name) const {
        const auto* found = find_member(entry_.what.attributes, name);
        if (!found) throw AttributeError("'" + entry_.what.name + "' object has no attribute " + Object(name).repr());
        return *found;
    }
    Result get_attribute(const MethodCall& call) const {
        const auto& found = attribute(attribute_name(call, 1));
        return classes_->resolve(found.get->call(instance_.get(), {{}, call.given.kwds, call.method}));
    }
    Result set_attribute(const MethodCall& call) const {
        const std::string_view name = attribute_name(call, 2);
        const auto& found = attribute(name);
        if (!found.set) throw AttributeError("the attribute " + Object(name).repr() + " is constant");
        return found.set->call(instance_.get(), {call.given.args.subspan(1), call.given.kwds, call.method});
    }

    const std::shared_ptr<void> instance_;
    const ExposedClasses::Entry& entry_;
    const std::shared_ptr<const ExposedClasses> classes_;
};

class ForwardedObject final : public detail::SharedObject {
public:
    explicit ForwardedObject(ObjectProxy proxy) : proxy_(std::move(proxy)), names_(proxy_.methods()) {
        for (const std::string& each : names_) methods_.push_back(each);
    }

    const void* identity() const noexcept override { return this; }
    std::string type_id() const override { return proxy_.type_id(); }
    std::string class_name() const override { return proxy_.type_id(); }
    const std::vector<std::string_view>& methods() const override { return methods_; }
    bool has_hidden(std::string_view name) const override {
        return name == "#GETVALUE" || name == "__str__" || name == "__repr__";
    }

    Result call(const MethodCall& call) override {
        const auto args = call.given.args;
        return {proxy_.call_with(call.method, Object::tuple(std::vector<Object>(args.begin(), args.end())),
                                 call.given.kwds),
                {},
                {},
                {}};
    }

private:
    const ObjectProxy proxy_;
    const std::vector<std::string> names_;
    std::vector<std::string_view> methods_;
};

}  // namespace

void ExposedClasses::add(std::string type_id, detail::ExposedClass what) {
    Entry& entry = entries_.emplace_back();
    entry.type_id = std::move(type_id);
    entry.what = std::move(what);
    for (const auto& each : entry.what.methods)
        if (is_told(each.name)) entry.methods.push_back(each.name);
}

const ExposedClasses::Entry* ExposedClasses::find(std::type_index type, std::string_view type_id) const {
    const Entry* first = nullptr;
    for (const Entry& each : entries_) {
        if (type != each.what.type()) continue;
        if (each.type_id == type_id) return &each;
        if (!first) first = &each;
    }
    return first;
}

Result ExposedClasses::resolve(Result result, std::string_view type_id) const {
    if (!result.instance) return result;
    const Entry* found = find(result.instance->type, type_id);
    if (!found)
        throw TypeError("the class " + result.instance->name + " is not exposed: register_type() tells its methods");
    result.object = std::make_shared<ExposedObject>(std::move(result.instance->pointer), *found, shared_from_this());
    result.instance.reset();
    return result;
}

std::shared_ptr<detail::SharedObject> forwarded(const ObjectProxy& proxy) {
    return std::make_shared<ForwardedObject>(proxy);
}

}  // namespace cohort::manager
