// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object.hpp>

#include <span>
#include <string>
#include <string_view>

namespace cohort::serial::detail {

/// str() of an exception. REQUIRES: an instance.
std::string exception_text(const Object& exception);

/// The name of an exception's class: Python makes of an OSError what fits its number.
std::string_view shown_exception_name(const Object& exception);

/// The arguments that repr() of an exception shows: an OSError keeps the name of its file elsewhere.
std::span<const Object> shown_exception_args(const Object& exception);

/// The errno of which a subclass of OSError is made; 0 for OSError itself, -1 if it is none of them.
int errno_of_class(const GlobalName& name) noexcept;

}  // namespace cohort::serial::detail
