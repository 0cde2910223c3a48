// SPDX-License-Identifier: MIT
// AddressSanitizer of LLVM before 18 leaves its own locks as they are at a fork: when another thread has the one of the
// allocator at that moment, the child waits for it for ever, at its first allocation. Here it takes them, as newer ones
// do.
#include "support/sanitizer_fork.hpp"

#include <pthread.h>

namespace __lsan {
void LockAllocator() __attribute__((weak));
void UnlockAllocator() __attribute__((weak));
}  // namespace __lsan

namespace __sanitizer {
void StackDepotLockAll() __attribute__((weak));
void StackDepotUnlockAll() __attribute__((weak));
}  // namespace __sanitizer

namespace {

void lock() {
    __lsan::LockAllocator();
    __sanitizer::StackDepotLockAll();
}

void unlock() {
    __sanitizer::StackDepotUnlockAll();
    __lsan::UnlockAllocator();
}

// The sanitizer itself may begin after it.
__attribute__((no_sanitize("address", "undefined"))) void lock_at_fork() {
    const bool there = __lsan::LockAllocator && __lsan::UnlockAllocator && __sanitizer::StackDepotLockAll &&
                       __sanitizer::StackDepotUnlockAll;
    if (there) ::pthread_atfork(lock, unlock, unlock);
}

// Before all constructors, which make other locks known: so the last to be called before a fork, and the first after
// it.
[[gnu::section(".preinit_array"), gnu::used]] void (*lock_at_fork_first)() = lock_at_fork;

}  // namespace

namespace cohort::test {

void link_sanitizer_fork() {}

}  // namespace cohort::test
