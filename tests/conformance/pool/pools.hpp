// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/pool/pool.hpp>

#include "conformance/start_methods.hpp"

namespace cohort::test {

/// One text for pools of all start methods.
class Pools : public StartMethods {
protected:
    static PoolOptions pool_of(std::size_t processes) { return {.processes = processes, .start_method = GetParam()}; }
};

inline int square(int i) {
    return i * i;
}

}  // namespace cohort::test
