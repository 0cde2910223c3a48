// SPDX-License-Identifier: MIT
#include <cohort/subprocess/account.hpp>

#include <cohort/base/errors.hpp>

#include "os/accounts.hpp"

#include <limits>
#include <optional>

namespace cohort::subprocess {

namespace {

unsigned checked_number(long long number) {
    if (number < 0 || number >= std::numeric_limits<unsigned>::max())  // the last one means "none" to the kernel
        throw ValueError("not the number of a user or group: " + std::to_string(number));
    return static_cast<unsigned>(number);
}

/// @param look_up  finds the number of a name
unsigned number_of(const std::variant<unsigned, std::string>& value, const char* what,
                   std::optional<unsigned> (*look_up)(const std::string&)) {
    if (const unsigned* number = std::get_if<unsigned>(&value)) return *number;
    const std::string& name = std::get<std::string>(value);
    if (const auto number = look_up(name)) return *number;
    throw ValueError(std::string("there is no ") + what + " '" + name + "'");
}

}  // namespace

Account::Account(long long number) : value_(checked_number(number)) {}

uid_t Account::user() const {
    return number_of(value_, "user", os::user_number);
}

gid_t Account::group() const {
    return number_of(value_, "group", os::group_number);
}

}  // namespace cohort::subprocess
