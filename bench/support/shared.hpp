// SPDX-License-Identifier: MIT
#pragma once

#include <sys/mman.h>

#include <new>

namespace bench {

/// A value in memory that this process shares with those that it forks.
template <class T>
class Shared {
public:
    Shared() {
        void* const memory =
            ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
        if (memory == MAP_FAILED) throw std::bad_alloc();
        value_ = new (memory) T{};
    }
    ~Shared() {
        value_->~T();
        ::munmap(value_, sizeof(T));
    }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;

    T& operator*() const { return *value_; }
    T* operator->() const { return value_; }

private:
    T* value_;
};

}  // namespace bench
