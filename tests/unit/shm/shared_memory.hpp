// SPDX-License-Identifier: MIT
#pragma once

#include "os/mapping.hpp"

#include <new>
#include <utility>

namespace cohort::test {

/// Populated memory that a test shares with the children it forks.
inline os::Mapping shared_memory(std::size_t bytes) {
    auto mapping = os::Mapping::map_anonymous_shared(bytes);
    mapping.populate(0, bytes);
    return mapping;
}

/// One object in such memory.
template <class T>
class Shared {
public:
    template <class... Args>
    explicit Shared(Args&&... args)
        : mapping_(shared_memory(sizeof(T))), object_(new (mapping_.data()) T(std::forward<Args>(args)...)) {}
    T& operator*() const noexcept { return *object_; }
    T* operator->() const noexcept { return object_; }

private:
    os::Mapping mapping_;
    T* object_;
};

}  // namespace cohort::test
