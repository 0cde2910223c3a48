// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object_dict.hpp>

#include "manager/call.hpp"
#include "manager/python_error.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace cohort::manager {

/// A parameter of a function of Python's, and what it is where it is not given.
struct Parameter {
    Parameter(const char* parameter) : name(parameter) {}  // NOLINT(google-explicit-constructor): a name will do
    Parameter(const char* parameter, Object value) : name(parameter), otherwise(std::move(value)) {}

    std::string_view name;
    Object otherwise{};
};

/// The arguments of a function of Python's, given by their place or name.
/// @param required  how many must be given   @param kwds  a dict
/// @throws PythonError  TypeError: too many, too few, or one of another name
template <std::size_t N>
std::array<Object, N> bind_arguments(std::string_view function, const Parameter (&parameters)[N], std::size_t required,
                                     std::span<const Object> args, const Object& kwds) {
    if (args.size() > N)
        raise_type_error(std::string(function) + "() takes " + std::to_string(N) + " positional arguments but " +
                         std::to_string(args.size()) + " were given");
    std::array<Object, N> bound;
    std::size_t used = 0;
    for (std::size_t i = 0; i < N; ++i) {
        const Object* by_name = kwds.find(Object(parameters[i].name));
        if (i >= args.size() && !by_name && i < required)
            raise_type_error(std::string(function) + "() missing required argument: '" +
                             std::string(parameters[i].name) + "'");
        bound[i] = i < args.size() ? args[i] : by_name ? *by_name : parameters[i].otherwise;
        if (i >= args.size() && by_name) ++used;
    }
    if (used != kwds.size()) raise_type_error(std::string(function) + "() got an unexpected keyword argument");
    return bound;
}

/// The same for a method that is called.
template <std::size_t N>
std::array<Object, N> bind_arguments(std::string_view function, const Parameter (&parameters)[N], const Call& call) {
    return bind_arguments(function, parameters, 0, call.args(), call.kwds());
}

}  // namespace cohort::manager
