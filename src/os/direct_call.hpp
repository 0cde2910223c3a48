// SPDX-License-Identifier: MIT
#pragma once

#include "os/system_call.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace cohort::os {

/// Makes a system call without the C library: a forked child maps each page of code again at the first touch, and the
/// C library has its calls far apart.
/// @param name   the call's name, for tests that make it fail
/// @param number `SYS_...`
/// @return what the call returns; -1 with `errno` set if it failed
inline long direct_call(const char* name, long number, long first = 0, long second = 0, long third = 0) noexcept {
    return system_call(name, [&] {
#if defined(__x86_64__)
        long result = number;
        asm volatile("syscall" : "+a"(result) : "D"(first), "S"(second), "d"(third) : "rcx", "r11", "memory");
#elif defined(__aarch64__)
        register long call asm("x8") = number;
        register long result asm("x0") = first;
        register long x1 asm("x1") = second;
        register long x2 asm("x2") = third;
        asm volatile("svc 0" : "+r"(result) : "r"(call), "r"(x1), "r"(x2) : "memory");
#else
        return ::syscall(number, first, second, third);
#endif
#if defined(__x86_64__) || defined(__aarch64__)
        if (result >= 0 || result < -4095) return result;
        errno = static_cast<int>(-result);
        return -1L;
#endif
    });
}

}  // namespace cohort::os
