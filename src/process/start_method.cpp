// SPDX-License-Identifier: MIT
#include <cohort/process/start_method.hpp>

#include <cohort/base/errors.hpp>

#include "process/runtime.hpp"

#include <algorithm>
#include <ostream>

namespace cohort {

std::string_view to_string(StartMethod method) noexcept {
    switch (method) {
        case StartMethod::fork:
            return "fork";
        case StartMethod::spawn:
            return "spawn";
        case StartMethod::forkserver:
            return "forkserver";
    }
    return "unknown";
}

std::ostream& operator<<(std::ostream& out, StartMethod method) {
    return out << to_string(method);
}

void process::require_known(StartMethod method) {
    const auto all = get_all_start_methods();
    if (std::ranges::find(all, method) == all.end()) throw ValueError("unknown start method");
}

void set_start_method(StartMethod method, bool force) {
    process::require_known(method);
    process::Runtime& own = process::runtime();
    std::lock_guard guard(own.mutex);
    if (own.start_method && !force) throw ValueError("context has already been set");
    own.start_method = method;
}

StartMethod get_start_method() {
    process::Runtime& own = process::runtime();
    std::lock_guard guard(own.mutex);
    if (!own.start_method) own.start_method = StartMethod::fork;
    return *own.start_method;
}

std::vector<StartMethod> get_all_start_methods() {
    return {StartMethod::fork, StartMethod::spawn, StartMethod::forkserver};
}

}  // namespace cohort
