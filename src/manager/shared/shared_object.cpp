// SPDX-License-Identifier: MIT
#include <cohort/manager/detail/shared_object.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/manager/detail/registered.hpp>
#include <cohort/serial/object_dict.hpp>

#include <algorithm>

namespace cohort::manager::detail {

namespace {

std::string arguments_text(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " argument" : " arguments");
}

[[noreturn]] void fail_binding(const Given& given, const std::string& why) {
    throw TypeError(std::string(given.function) + "() " + why);
}

std::size_t place_of_name(const Given& given, std::span<const std::string> names, const Object& name) {
    if (names.empty()) fail_binding(given, "takes no keyword arguments");
    const auto found = name.is(Object::Kind::str) ? std::ranges::find(names, name.as_str()) : names.end();
    if (found == names.end()) fail_binding(given, "got an unexpected keyword argument " + name.repr());
    return static_cast<std::size_t>(found - names.begin());
}

}  // namespace

SharedObject::~SharedObject() = default;
Code::~Code() = default;

void bind_arguments(const Given& given, std::span<const std::string> names, std::span<const bool> optional,
                    std::span<const Object*> bound) {
    if (given.args.size() > bound.size())
        fail_binding(given, "takes " + arguments_text(bound.size()) + " but " + std::to_string(given.args.size()) +
                                (given.args.size() == 1 ? " was given" : " were given"));
    for (std::size_t i = 0; i < given.args.size(); ++i) bound[i] = &given.args[i];
    for (const auto& [name, value] : given.kwds.as_dict()) {
        const Object*& place = bound[place_of_name(given, names, name)];
        if (place) fail_binding(given, "got multiple values for argument " + name.repr());
        place = &value;
    }
    for (std::size_t i = 0; i < bound.size(); ++i)
        if (!bound[i] && !optional[i])
            fail_binding(given, "takes " + arguments_text(bound.size()) + ": argument " + std::to_string(i + 1) +
                                    (names.empty() ? "" : ", '" + names[i] + "',") + " is missing");
}

void fail_argument(std::size_t place, const std::exception& error) {
    throw TypeError("argument " + std::to_string(place + 1) + ": " + error.what());
}

}  // namespace cohort::manager::detail
