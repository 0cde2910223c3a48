// SPDX-License-Identifier: MIT
#include "process/exit_hook.hpp"

#include "process/runtime.hpp"
#include "process/state.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
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
        end_daemons(children);
        for (const auto& child : children)
            if (!child->daemon) child->child->wait(forever);
    } catch (const std::exception&) {
        // A child that the program itself has reaped: it has ended, which is all that matters here.
    }
}

}  // namespace

void register_exit_hook() {
    if (std::atexit(end_children) != 0) throw std::bad_alloc();
}

}  // namespace cohort::process
