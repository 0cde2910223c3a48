// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object.hpp>

#include <string_view>

namespace cohort::pickle {

/// What a class or function of Python 2's library is called since Python 3: messages of protocols 0 to 2 have the old
/// names, also when Python 3 wrote them.
GlobalName name_since_python2(std::string_view module, std::string_view name);

}  // namespace cohort::pickle
