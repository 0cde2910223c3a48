// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object_instance.hpp>

namespace cohort::serial::detail {

/// Which kind of Object has these parts: Kind::instance if the class is none of those that are known, or the parts are
/// not as that class has them.
Object::Kind kind_of_instance(const ObjectInstance& parts);

}  // namespace cohort::serial::detail
