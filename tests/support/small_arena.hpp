// SPDX-License-Identifier: MIT
#pragma once

#include "shm/arena.hpp"

#include <sys/resource.h>

namespace cohort::test {

/// As small as an arena can be: 16 MiB, with 1,024 places.
inline shm::Arena small_arena() {
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{std::size_t{17} << 20, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    shm::Arena arena = shm::Arena::create();
    ::setrlimit(RLIMIT_FSIZE, &before);
    return arena;
}

}  // namespace cohort::test
