// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object.hpp>

#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace cohort::manager {

/// Thrown by what stands for code of Python's: the exception that Python would raise.
class PythonError : public std::exception {
public:
    explicit PythonError(Object exception) : exception_(std::move(exception)) {}
    const char* what() const noexcept override { return "an exception of Python's"; }
    const Object& exception() const noexcept { return exception_; }

private:
    Object exception_;
};

/// @param name  of an exception of Python's own
[[noreturn]] void raise(std::string_view name, const std::string& text);
[[noreturn]] void raise_type_error(const std::string& text);
[[noreturn]] void raise_index_error(const std::string& text);
[[noreturn]] void raise_value_error(const std::string& text);
[[noreturn]] void raise_key_error(const Object& key);

/// The exception being handled, as Python has it. REQUIRES: within a catch.
Object current_python_exception();

/// How Python prints an exception: `KeyError: 'k'`.
std::string describe_exception(const Object& exception);

/// How Python prints an exception with its traceback, of which nothing is known here.
std::string format_traceback(const Object& exception);

}  // namespace cohort::manager
