// SPDX-License-Identifier: MIT
#include "process/child_identity.hpp"

namespace cohort::process {

std::string ChildIdentity::default_name(const std::string& class_name, const std::vector<unsigned>& path) {
    std::string name = class_name + "-";
    for (std::size_t i = 0; i < path.size(); ++i) name += (i == 0 ? "" : ":") + std::to_string(path[i]);
    return name;
}

}  // namespace cohort::process
