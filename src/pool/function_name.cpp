// SPDX-License-Identifier: MIT
#include <cohort/pool/detail/function_name.hpp>

#include "serial/symbols.hpp"

#include <span>

namespace cohort::detail {

std::string name_of_code(std::uintptr_t address) {
    const auto symbols = serial::symbols_at(std::span(&address, 1));
    return symbols.empty() || symbols.front().name.empty() ? "a function" : symbols.front().name;
}

}  // namespace cohort::detail
