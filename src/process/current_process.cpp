// SPDX-License-Identifier: MIT
#include <cohort/process/current_process.hpp>

#include <cohort/base/errors.hpp>

#include "os/limits.hpp"
#include "os/process_identity.hpp"
#include "process/forkserver.hpp"
#include "process/parent_watch.hpp"
#include "process/runtime.hpp"
#include "process/state.hpp"

namespace cohort {

using process::Runtime;
using process::State;

ParentProcess::ParentProcess(std::string name, pid_t pid, std::shared_ptr<const process::ParentWatch> watch)
    : name_(std::move(name)), pid_(pid), watch_(std::move(watch)) {}
ParentProcess::~ParentProcess() = default;
ParentProcess::ParentProcess(const ParentProcess&) = default;
ParentProcess& ParentProcess::operator=(const ParentProcess&) = default;

bool ParentProcess::is_alive() const {
    return !watch_->wait(Timeout(std::chrono::seconds(0)));
}
bool ParentProcess::join(Timeout timeout) const {
    return watch_->wait(timeout);
}

const Process& current_process() {
    Runtime& own = process::runtime();
    {
        std::lock_guard guard(own.mutex);
        if (own.current) return *own.current;
    }
    auto made = std::make_unique<Process>(State::handle(State::make_current()));
    std::lock_guard guard(own.mutex);
    if (!own.current) own.current = std::move(made);
    return *own.current;
}

std::optional<ParentProcess> parent_process() {
    Runtime& own = process::runtime();
    if (own.is_main) return std::nullopt;
    std::lock_guard guard(own.mutex);
    if (!own.parent_watch) own.parent_watch = process::ParentWatch::of_kernel_parent(own.identity.parent_pid);
    return ParentProcess(own.identity.parent_name, own.identity.parent_pid, own.parent_watch);
}

namespace {

std::vector<std::shared_ptr<State>> children_of(Runtime& own) {
    std::lock_guard guard(own.mutex);
    return {own.children.begin(), own.children.end()};
}

}  // namespace

std::vector<ProcessInfo> active_children() {
    Runtime& own = process::runtime();
    std::vector<ProcessInfo> infos;
    for (const auto& child : children_of(own)) {
        if (child->child->wait(Timeout(std::chrono::seconds(0)))) {
            std::lock_guard guard(own.mutex);
            own.children.remove(child);
        } else {
            infos.push_back({child->child->pid(), child->name("Process"), child->daemon, std::nullopt});
        }
    }
    return infos;
}

void set_authkey(std::string key) {
    Process& current = const_cast<Process&>(current_process());
    current.set_authkey(key);
    Runtime& own = process::runtime();
    std::lock_guard guard(own.mutex);
    own.identity.authkey = std::move(key);
}

int cpu_count() {
    return static_cast<int>(os::available_cpus());
}

void set_forkserver_preload(void (*callable)()) {
    Runtime& own = process::runtime();
    std::lock_guard guard(own.mutex);
    own.forkserver_preload = callable;
}

}  // namespace cohort
