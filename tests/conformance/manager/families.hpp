// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/manager/manager.hpp>

#include "conformance/start_methods.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cohort::test {

/// Where a server can listen.
enum class Family { abstract, path, tcp };

inline const auto kEveryFamily = testing::Values(Family::abstract, Family::path, Family::tcp);

inline std::string family_name(Family family) {
    return family == Family::abstract ? "abstract" : family == Family::path ? "path" : "tcp";
}
inline std::string name_of_family(const testing::TestParamInfo<Family>& info) {
    return family_name(info.param);
}

/// Tests with an address of each family.
class AtEachFamily : public ProcessTest, public testing::WithParamInterface<Family> {
protected:
    Address address() const {
        if (GetParam() == Family::path) return Address::unix(file("socket"));
        return GetParam() == Family::tcp ? Address::tcp("127.0.0.1", 0) : Address();
    }
};

/// Tests with a manager there.
class ManagerAt : public AtEachFamily {
protected:
    const Manager m{{.address = address()}};
};

}  // namespace cohort::test
