// SPDX-License-Identifier: MIT
#include "os/environment_variable.hpp"

#include <cohort/base/errors.hpp>

namespace cohort::os {

void check_environment_variable(const std::string& name, const std::string& value) {
    if (name.empty()) throw ValueError("a variable of the environment has no name: ''='" + value + "'");
    if (name.find('=') != name.npos) throw ValueError("the name of a variable has a =: '" + name + "'");
    if (name.find('\0') != name.npos || value.find('\0') != value.npos)
        throw ValueError("there is a NUL in the environment: variable '" + std::string(name.c_str()) + "'");
}

}  // namespace cohort::os
