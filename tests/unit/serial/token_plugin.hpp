// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/sink.hpp>
#include <cohort/serial/token.hpp>

#include <dlfcn.h>

#include <stdexcept>

// What the library of token_plugin.cpp offers, under names that dlsym finds.
extern "C" {
/// Writes the token of code that adds 1000 to the int that its context points to.
using WriteToken = void(cohort::serial::Sink& sink);
[[gnu::visibility("default")]] WriteToken plugin_write_token;
/// The token itself.
using GiveToken = void(cohort::serial::Token& token);
[[gnu::visibility("default")]] GiveToken plugin_give_token;
/// A function to be sent by its address.
using Triple = int(int);
[[gnu::visibility("default")]] Triple plugin_triple;
}

// The library, for as long as the object lives.
class Plugin {
public:
    explicit Plugin(const char* path) : handle_(::dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
        if (!handle_) throw std::runtime_error(::dlerror());
    }
    ~Plugin() { ::dlclose(handle_); }
    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;

    template <class F>
    F* function(const char* name) const {
        return reinterpret_cast<F*>(::dlsym(handle_, name));
    }

private:
    void* handle_;
};
