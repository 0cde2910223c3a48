// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/errors.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/source.hpp>

#include <exception>
#include <string>
#include <typeinfo>

namespace cohort::serial {

/// Writes an exception with all that is needed to throw it again elsewhere: standard exceptions and cohort's with their
/// fields, of all others the type's name and the text; and what is nested in it, to a depth of 16.
/// @param exception not null
/// @param where where it was thrown: pid, process_name and trace; the rest is filled in here
void write_exception(Sink& sink, const std::exception_ptr& exception, const RemoteError::Origin& where);

/// Reads what write_exception() wrote. A standard exception or one of cohort's is rebuilt: caught as that type, with
/// the same fields and text, and with a RemoteError nested in it that says where it comes from. All others arrive as
/// that RemoteError itself. What was nested in the original is nested in the RemoteError.
/// Any bytes may be read: what they make is never anything but one of these exceptions.
/// @throws SerializationError if the bytes are no exception
std::exception_ptr read_exception(Source& source);

/// The readable name of an exception's type, without what std::throw_with_nested makes of it.
std::string exception_name(const std::type_info& type);

/// What was thrown and is being handled, and is no std::exception: text, or a number as text; empty for all else.
std::string thrown_text();

}  // namespace cohort::serial
