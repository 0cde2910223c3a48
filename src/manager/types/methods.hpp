// SPDX-License-Identifier: MIT
#pragma once

#include "manager/python_error.hpp"
#include "manager/referent.hpp"

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cohort::manager {

/// What a method was called with.
class Parameters {
public:
    Parameters(const Call& call, std::string_view type) : call_(call), args_(call.args()), type_(type) {}

    std::size_t size() const noexcept { return args_.size(); }
    const Object& operator[](std::size_t index) const noexcept { return args_[index]; }
    /// The argument, or None.
    Object get(std::size_t index) const { return index < args_.size() ? args_[index] : Object(); }
    std::span<const Object> all() const noexcept { return args_; }
    const Object& kwds() const noexcept { return call_.kwds(); }
    std::string_view method() const { return call_.method(); }
    /// Of the object, as `list`.
    std::string_view type() const noexcept { return type_; }

private:
    const Call& call_;
    std::span<const Object> args_;
    std::string_view type_;
};

/// How CPython checks the number of a method's arguments, and says that it is wrong.
struct Arity {
    enum class Form { function, slot, python, unchecked };
    Form form = Form::function;
    std::size_t least = 0;
    std::size_t most = 0;
};

inline constexpr std::size_t kAnyNumber = static_cast<std::size_t>(-1);
constexpr Arity takes(std::size_t least, std::size_t most) {
    return {Arity::Form::function, least, most};
}
constexpr Arity takes(std::size_t count) {
    return takes(count, count);
}
constexpr Arity slot(std::size_t count) {
    return {Arity::Form::slot, count, count};
}
/// A method that is written in Python.
constexpr Arity python(std::size_t least, std::size_t most) {
    return {Arity::Form::python, least, most};
}
constexpr Arity python(std::size_t count) {
    return python(count, count);
}
/// Also takes keyword arguments, and looks itself.
constexpr Arity with_keywords() {
    return {Arity::Form::unchecked, 0, kAnyNumber};
}

/// @throws PythonError  TypeError, with CPython's text
void check_arity(const Parameters& parameters, const Arity& arity);

/// The methods of a type of objects whose calls are answered at once.
template <class Self>
class Methods {
public:
    struct Method {
        std::string_view name;
        Object (Self::*run)(const Parameters&);
        Arity arity;
        bool exposed = true;
    };

    Methods(std::initializer_list<Method> methods) {
        for (const Method& each : methods) {
            by_name_.emplace(each.name, each);
            if (each.exposed) exposed_.push_back(each.name);
        }
    }

    const std::vector<std::string_view>& exposed() const noexcept { return exposed_; }

    /// @throws PythonError  what the method raises   @throws NoSuchMethod
    Object run(Self& self, const Call& call, std::string_view type) const {
        const auto found = by_name_.find(call.method());
        if (found == by_name_.end()) throw NoSuchMethod();
        const Parameters parameters(call, type);
        check_arity(parameters, found->second.arity);
        return (self.*found->second.run)(parameters);
    }

private:
    std::unordered_map<std::string_view, Method> by_name_;
    std::vector<std::string_view> exposed_;
};

}  // namespace cohort::manager
