// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/serial/object.hpp>

#include <exception>
#include <string>

namespace cohort {

/// The exception of Python that stands for one of C++, as docs/python-exceptions.md lists them; of any other type a
/// RuntimeError with its type and text. One that throw_python_exception() threw gives the very exception it came from.
/// @param exception  not null
COHORT_API Object exception_to_object(const std::exception_ptr& exception);

/// Throws what stands for an exception of Python, with a RemoteError nested in it that has the name of Python's type,
/// its text and the traceback. One that has no counterpart is thrown as that RemoteError.
/// @param exception  an exception, or an instance of any class that was raised
/// @param traceback  the lines that Python prints, or empty
[[noreturn]] COHORT_API void throw_python_exception(const Object& exception, std::string traceback = {});

}  // namespace cohort
