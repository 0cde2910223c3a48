// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object.hpp>

#include "serial/rebuilt_exception.hpp"

#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace cohort::serial {

/// Of an exception that stands for one of Python's: that one.
class PythonOrigin {
public:
    explicit PythonOrigin(Object origin) : origin_(std::move(origin)) {}
    PythonOrigin(const PythonOrigin&) = default;
    PythonOrigin& operator=(const PythonOrigin&) = default;
    virtual ~PythonOrigin() = default;
    const Object& python_exception() const noexcept { return origin_; }

private:
    Object origin_;
};

template <class T>
class FromPython : public Rebuilt<T>, public PythonOrigin {
public:
    FromPython(T base, std::string text, Object origin)
        : Rebuilt<T>(std::move(base), std::move(text)), PythonOrigin(std::move(origin)) {}
};

/// Takes in the exception that is being handled when it is made.
template <class T>
class NestingFromPython : public FromPython<T>, public std::nested_exception {
public:
    using FromPython<T>::FromPython;
};

/// A text for Python: what is not UTF-8 in it becomes question marks.
std::string python_text(std::string_view text);

/// The KeyError of a dict, as Python's: with the key itself.
[[noreturn]] void throw_key_error(const Object& key);

}  // namespace cohort::serial
