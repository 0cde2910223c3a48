// SPDX-License-Identifier: MIT
#include "os/system_call.hpp"

#include <system_error>

namespace cohort::os {

void throw_error(int error, const char* call, std::string_view object) {
    std::string what = call;
    if (!object.empty()) what.append(" ").append(object);
    throw std::system_error(error, std::system_category(), what);
}

std::string descriptor_text(int descriptor) {
    return "descriptor " + std::to_string(descriptor);
}

}  // namespace cohort::os
