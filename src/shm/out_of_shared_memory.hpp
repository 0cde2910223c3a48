// SPDX-License-Identifier: MIT
#pragma once

#include <new>

namespace cohort::shm {

/// There is memory, but the arena has no name or no range left for it. To users a std::bad_alloc with a text; so it
/// arrives from other processes, too.
class OutOfSharedMemory : public std::bad_alloc {
public:
    const char* what() const noexcept override;
};

}  // namespace cohort::shm
