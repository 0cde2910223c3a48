// SPDX-License-Identifier: MIT
#include "process/state.hpp"

#include <cohort/base/errors.hpp>

#include "os/process_identity.hpp"
#include "process/runtime.hpp"

namespace cohort::process {

namespace {

std::vector<unsigned> next_path(Runtime& own) {
    std::lock_guard guard(own.mutex);
    std::vector<unsigned> path = own.identity.path;
    path.push_back(++own.children_made);
    return path;
}

bool inherited_daemon(Runtime& own) {
    std::lock_guard guard(own.mutex);
    return own.identity.daemon;
}

std::string inherited_authkey(Runtime& own) {
    std::lock_guard guard(own.mutex);
    return own.identity.authkey;
}

std::optional<std::string> non_empty(const std::string& name) {
    return name.empty() ? std::nullopt : std::optional(name);
}

}  // namespace

PendingCall::PendingCall(std::unique_ptr<detail::Target> target) : target_(std::move(target)) {
    if (target_ && channel::Ends::any()) channel::Ends::add_holder(*this);
}

PendingCall::~PendingCall() {
    reset();
}

void PendingCall::reset() noexcept {
    if (target_ && channel::Ends::any()) channel::Ends::remove_holder(*this);
    target_.reset();
}

void PendingCall::visit_handle_memory(serial::HandleMemory visit) const {
    if (target_) target_->visit_handle_memory(visit);
}

State::State(Kind the_kind, ProcessOptions the_options, std::unique_ptr<detail::Target> the_target)
    : kind(the_kind),
      creator(os::current_pid()),
      options(std::move(the_options)),
      path(kind == Kind::current ? runtime().identity.path : next_path(runtime())),
      given_name(kind == Kind::current ? runtime().identity.name : non_empty(options.name)),
      daemon(options.daemon.value_or(inherited_daemon(runtime()))),
      authkey(inherited_authkey(runtime())),
      target(std::move(the_target)),
      had_target(target.get() != nullptr) {}

std::shared_ptr<State> State::make_current() {
    auto state = std::make_shared<State>(Kind::current, ProcessOptions{}, nullptr);
    state->started = true;
    return state;
}

std::string State::name(const std::string& class_name) const {
    std::lock_guard guard(mutex);
    return given_name ? *given_name : ChildIdentity::default_name(class_name, path);
}

[[gnu::hot]] void State::refuse_if_closed() const {
    if (closed) throw ValueError("process object is closed");
}

std::shared_ptr<ChildHandle> State::started_child(const char* verb) const {
    std::lock_guard guard(mutex);
    if (closed) throw ValueError("process object is closed");
    if (kind == Kind::current || creator != os::current_pid())
        throw ValueError(std::string("can only ") + verb + " a child process");
    if (!child) throw ValueError(std::string("can only ") + verb + " a started process");
    return child;
}

}  // namespace cohort::process
