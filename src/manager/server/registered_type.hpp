// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/manager/detail/registered.hpp>

#include "manager/server/served_types.hpp"
#include "manager/shared/exposed_object.hpp"

#include <memory>
#include <string>

namespace cohort::manager {

/// What code of the program makes or finds.
/// @param type_id  what it is registered as
/// @param code     null: nothing
ServedType registered_type(std::string type_id, std::shared_ptr<detail::Code> code,
                           std::shared_ptr<const ExposedClasses> classes);

/// A value as an object: a dict, a list and a set are shared ones, of all else clients can have a copy.
std::shared_ptr<Referent> value_referent(Object value);

}  // namespace cohort::manager
