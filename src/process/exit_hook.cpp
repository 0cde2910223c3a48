// SPDX-License-Identifier: MIT
#include "process/exit_hook.hpp"

#include "process/runtime.hpp"
#include "process/state.hpp"

#include <cohort/base/log.hpp>

#include <cxxabi.h>
#include <chrono>
#include <csignal>
#include <exception>
#include <new>
#include <vector>

namespace cohort::process {

namespace {

using Children = std::vector<std::shared_ptr<State>>;

constexpr std::chrono::seconds kGrace{1};

Children take_children() {
    Runtime& own = runtime();
    std::lock_guard guard(own.mutex);
    Children children;
    for (const auto& child : own.children)
        if (!child->options.detached) children.push_back(child);
    own.children.clear();
    return children;
}

void end_daemons(const Children& children) {
    for (const auto& child : children)
        if (child->daemon) child->child->signal(SIGTERM);
    const Deadline grace(kGrace);
    for (const auto& child : children) {
        if (!child->daemon) continue;
        if (child->child->wait(*grace.left())) continue;
        child->child->signal(SIGKILL);
        child->child->wait(forever);
    }
}

void end_children() noexcept {
    try {
        const Children children = take_children();
        for (const auto& child : children)
            get_logger().debug("process shutting down: waits for child ", child->child->pid());
        end_daemons(children);
        for (const auto& child : children)
            if (!child->daemon) child->child->wait(forever);
    } catch (const std::exception&) {
        // Nobody is left to tell that a wait failed.
    }
}

// The C++ ABI takes handlers back by the library that registered them (dlclose needs that); this one has a single one.
char library;
thread_local bool taking_back = false;

void at_exit(void*) {
    if (!taking_back) end_children();
}

void take_back() noexcept {
    taking_back = true;
    abi::__cxa_finalize(&library);  // calls what it takes away
    taking_back = false;
}

// When a plugin that holds cohort is unloaded, no handler may stay that points into it. At the end of a program this
// comes last, and finds children only if another thread called std::exit while the handler was being renewed.
struct Unloading {
    ~Unloading() {
        end_children();
        take_back();
    }
};
const Unloading unloading;

}  // namespace

void renew_exit_hook() {
    take_back();  // first: the new one gets the place of the old one, or the list of handlers would grow
    if (abi::__cxa_atexit(at_exit, nullptr, &library) != 0) throw std::bad_alloc();
}

}  // namespace cohort::process
