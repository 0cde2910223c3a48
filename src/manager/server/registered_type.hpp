// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/manager/detail/registered.hpp>

#include "manager/server/served_types.hpp"

namespace cohort::manager {

/// What a callable of the program makes: a dict, a list and a set are shared ones, all else is a value.
ServedType registered_type(detail::RegisteredCall callable);

}  // namespace cohort::manager
