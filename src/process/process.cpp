// SPDX-License-Identifier: MIT
#include <cohort/process/process.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/base/type_name.hpp>
#include <cohort/process/current_process.hpp>

#include "os/process_identity.hpp"
#include "process/exit_hook.hpp"
#include "process/launcher.hpp"
#include "process/runtime.hpp"
#include "process/state.hpp"
#include "process/stdio.hpp"

#include <csignal>

namespace cohort {

namespace {

using process::ChildHandle;
using process::Runtime;
using process::State;

// What a process without a target does in a fresh image.
struct NoTarget {
    static constexpr std::string_view kRole = detail::kTargetRole;

    static void run(serial::Source&, void*) {}
};

std::string short_class_name(const std::type_info& type) {
    std::string name = detail::demangle(type.name());
    if (auto colon = name.rfind("::"); colon != std::string::npos) name.erase(0, colon + 2);
    return name;
}

process::ChildIdentity identity_of_child(const State& state, std::string name, StartMethod method) {
    process::ChildIdentity identity = process::heritage(method);
    identity.name = std::move(name);
    identity.path = state.path;
    identity.daemon = state.daemon;
    identity.authkey = state.authkey;
    identity.detached = state.options.detached;
    return identity;
}

StartMethod method_of(const State& state) {
    return state.options.start_method ? *state.options.start_method : get_start_method();
}

std::shared_ptr<ChildHandle> launch(StartMethod method, process::LaunchRequest& request) {
    switch (method) {
        case StartMethod::fork:
            return launch_by_fork(request);
        case StartMethod::spawn:
            return launch_by_spawn(request);
        case StartMethod::forkserver:
            return launch_by_forkserver(request);
    }
    throw ValueError("unknown start method");
}

void refuse_children_of_daemons() {
    Runtime& own = process::runtime();
    std::lock_guard guard(own.mutex);
    if (own.identity.daemon) throw Error("daemonic processes are not allowed to have children");
}

void prepare_exit() {
    Runtime& own = process::runtime();
    std::lock_guard guard(own.mutex);
    process::renew_exit_hook();
}

}  // namespace

namespace detail {
Target::~Target() = default;
}

Process::Process() : Process(ProcessOptions{}) {}

Process::Process(ProcessOptions options) : Process(Made{}, std::move(options), std::unique_ptr<detail::Target>()) {}

Process::Process(Made, ProcessOptions options, std::unique_ptr<detail::Target> target)
    : state_(std::make_shared<State>(State::Kind::child, std::move(options), std::move(target))) {}

Process::Process(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

// A subclass that is moved into a plain Process loses its run(): the state remembers, and start() refuses.
Process::Process(Process&& other) noexcept : state_(std::move(other.state_)) {
    if (state_ && !state_->had_target && typeid(other) != typeid(Process)) state_->sliced_from = &typeid(other);
}

Process& Process::operator=(Process&& other) noexcept {
    Process moved(std::move(other));  // remembers the class, as the constructor above does
    state_.swap(moved.state_);
    return *this;
}

Process::~Process() = default;

[[gnu::hot]] State& Process::state() const {
    if (!state_) throw ValueError("process object was moved from");
    return *state_;
}

std::string Process::class_name() const {
    const State& own = state();
    return short_class_name(own.sliced_from && typeid(*this) == typeid(Process) ? *own.sliced_from : typeid(*this));
}

[[gnu::hot]] void Process::run() {
    const State& own = state();
    own.refuse_if_closed();
    if (auto* target = own.target.get()) return target->call();
    if (own.had_target) throw ValueError("cannot run a process that was started: its target is no longer here");
}

serial::Token Process::write_for_fresh_image(serial::Sink& sink) const {
    const State& own = state();
    if (own.target.get()) return own.target.get()->write(sink);
    if (typeid(*this) == typeid(Process)) return serial::token_of<NoTarget>();
    throw SerializationError(detail::demangle(typeid(*this).name()),
                             "the process class " + detail::demangle(typeid(*this).name()) +
                                 " cannot cross to a fresh image (spawn, forkserver): derive it from "
                                 "cohort::ProcessOf<" +
                                 short_class_name(typeid(*this)) +
                                 "> and give it a codec and a default constructor, or start it by fork");
}

void Process::refuse_other_class(const std::type_info& own) const {
    if (typeid(*this) == own) return;
    const std::string name = detail::demangle(typeid(*this).name());
    throw SerializationError(
        name,
        "the process class " + name + " cannot cross to a fresh image (spawn, forkserver): the codec of its base " +
            detail::demangle(own.name()) + " would cut it off: make that base a template over the last class, " +
            "template <class Self> struct " + short_class_name(own) + " : cohort::ProcessOf<Self>, and derive from " +
            short_class_name(own) + "<" + short_class_name(typeid(*this)) + ">; or start it by fork");
}

void Process::as_this_process(Process& made) {
    auto state = State::make_current();
    auto current = std::make_unique<Process>(State::handle(state));
    made.state_ = std::move(state);
    Runtime& own = process::runtime();
    std::lock_guard guard(own.mutex);
    own.current = std::move(current);
    if (own.children_made == 1) own.children_made = 0;  // it was counted when the codec made it
}

void Process::start() {
    State& own = state();
    own.refuse_if_closed();
    if (own.kind == State::Kind::current || own.started) throw ValueError("cannot start a process twice");
    if (own.creator != os::current_pid())
        throw ValueError("can only start a process object created by current process");
    if (own.sliced_from && typeid(*this) == typeid(Process))
        throw ValueError(
            "a " + class_name() +
            " was moved into a plain Process and has lost its run(): keep it in an object of its own class");
    refuse_children_of_daemons();

    auto call = [&] {
        if (!own.had_target && typeid(*this) != typeid(Process)) as_this_process(*this);
        run();
    };
    auto write = [this](serial::Sink& sink) { return write_for_fresh_image(sink); };
    const std::string child_name = name();
    const StartMethod method = method_of(own);
    auto identity = identity_of_child(own, child_name, method);
    auto line = shm::ChildLine::reserve(method == StartMethod::fork ? shm::ChildLine::Start::copy
                                                                    : shm::ChildLine::Start::fresh_image);
    identity.line = line.owner().raw();
    process::LaunchRequest request{std::move(identity), call, write, own.target, line};
    prepare_exit();
    process::flush_output();  // what is printed here before the start stands before what the child prints
    auto child = launch(method, request);
    child->keep_line(std::move(line));

    Runtime& mine = process::runtime();
    {
        std::scoped_lock guard(mine.mutex, own.mutex);
        own.child = std::move(child);
        own.given_name = child_name;
        own.started = true;
        mine.children.push_back(state_);
    }
    own.target.reset();
}

bool Process::join(Timeout timeout) {
    auto child = state().started_child("join");
    if (!child->wait(timeout)) return false;
    Runtime& own = process::runtime();
    std::lock_guard guard(own.mutex);
    own.children.remove(state_);
    return true;
}

bool Process::is_alive() const {
    const State& own = state();
    own.refuse_if_closed();
    if (own.kind == State::Kind::current) return own.creator == os::current_pid();
    if (own.creator != os::current_pid()) throw ValueError("can only test a child process");
    std::unique_lock guard(own.mutex);
    auto child = own.child;
    guard.unlock();
    return child && !child->wait(Timeout(std::chrono::seconds(0)));
}

void Process::terminate() {
    state().started_child("terminate")->signal(SIGTERM);
}
void Process::kill() {
    state().started_child("kill")->signal(SIGKILL);
}
void Process::interrupt() {
    state().started_child("interrupt")->signal(SIGINT);
}

void Process::close() {
    State& own = state();
    if (own.closed) return;
    if (own.child && is_alive())
        throw ValueError(
            "Cannot close a process while it is still running. You should first call join() or terminate().");
    if (own.child) join();
    std::lock_guard guard(own.mutex);
    own.child.reset();
    own.target.reset();
    own.closed = true;
}

std::string Process::name() const {
    return state().name(class_name());
}

void Process::set_name(std::string name) {
    State& own = state();
    std::lock_guard guard(own.mutex);
    own.given_name = std::move(name);
}

bool Process::daemon() const {
    std::lock_guard guard(state().mutex);
    return state().daemon;
}

void Process::set_daemon(bool daemon) {
    State& own = state();
    own.refuse_if_closed();
    std::lock_guard guard(own.mutex);
    if (own.started) throw ValueError("process has already started");
    own.daemon = daemon;
}

std::optional<pid_t> Process::pid() const {
    const State& own = state();
    own.refuse_if_closed();
    if (own.kind == State::Kind::current) return own.creator;
    std::lock_guard guard(own.mutex);
    return own.child ? std::optional(own.child->pid()) : std::nullopt;
}

std::optional<int> Process::exitcode() const {
    const State& own = state();
    own.refuse_if_closed();
    std::unique_lock guard(own.mutex);
    auto child = own.child;
    guard.unlock();
    if (!child || own.creator != os::current_pid()) return std::nullopt;
    auto status = child->status();
    return status ? std::optional(status->exitcode()) : std::nullopt;
}

int Process::sentinel() const {
    const State& own = state();
    own.refuse_if_closed();
    std::lock_guard guard(own.mutex);
    if (!own.child) throw ValueError("process not started");
    return own.child->sentinel();
}

std::string Process::authkey() const {
    std::lock_guard guard(state().mutex);
    return state().authkey;
}

void Process::set_authkey(std::string key) {
    std::lock_guard guard(state().mutex);
    state().authkey = std::move(key);
}

}  // namespace cohort
