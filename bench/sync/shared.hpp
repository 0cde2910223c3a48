// SPDX-License-Identifier: MIT
#pragma once

#include <sys/mman.h>

#include <new>
#include <type_traits>

namespace bench {

/// A T that this process shares with the children that it starts from now on; they must not outlive it.
template <class T>
class Shared {
    static_assert(std::is_trivially_destructible_v<T>, "nobody destroys what is in shared memory");

public:
    Shared() : object_(new (map()) T{}) {}
    ~Shared() { ::munmap(object_, sizeof(T)); }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;

    T& operator*() const { return *object_; }
    T* operator->() const { return object_; }

private:
    static void* map() {
        void* memory = ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) throw std::bad_alloc();
        return memory;
    }

    T* object_;
};

}  // namespace bench
