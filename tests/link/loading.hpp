// SPDX-License-Identifier: MIT
#pragma once

#include "link/library.hpp"

#include <dlfcn.h>

#include <iostream>
#include <stdexcept>

// The libraries stay loaded: what they brought is in use until the end.

/// Loads a library; @throws std::runtime_error with the loader's text.
inline void* load_library(const char* path) {
    void* library = ::dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) throw std::runtime_error(::dlerror());
    return library;
}

template <class Function>
Function* function_of(void* library, const char* name) {
    return reinterpret_cast<Function*>(::dlsym(library, name));
}

/// Prints what a library's checks came to.
inline void report(const char* which, Verdict verdict) {
    constexpr const char* words[] = {"right", "wrong", "refused"};
    std::cout << which << ": " << words[static_cast<int>(verdict)] << std::endl;
}
