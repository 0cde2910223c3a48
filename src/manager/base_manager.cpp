// SPDX-License-Identifier: MIT
#include <cohort/manager/base_manager.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/channel/pipe.hpp>
#include <cohort/manager/manager.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/process/process.hpp>
#include <cohort/serial/python_exception.hpp>

#include "manager/client/handle.hpp"
#include "manager/client/proxy_maker.hpp"
#include "manager/registration.hpp"
#include "manager/server/registered_type.hpp"
#include "manager/server/server.hpp"
#include "manager/shared/exposed_object.hpp"
#include "os/process_identity.hpp"
#include "os/signals.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace cohort {

namespace {

using manager::Registration;
using manager::Registrations;

/// What a server process is told that runs no code of the program: it may be a fresh image.
struct Settings {
    Address address;
    std::string authkey;
    bool allow_md5 = true;
    std::optional<std::chrono::nanoseconds> handshake_timeout;
    std::uint64_t max_message = 0;
    bool shared_memory = true;
    bool allow_unauthenticated = false;
    bool keeps_segments = false;
};

/// What it has come to when it listens.
struct Start {
    std::optional<Object> error;
    Address address;
};

Settings settings_of(const ManagerOptions& options, bool keeps_segments) {
    return {options.address,
            *options.authkey,
            options.allow_md5,
            options.handshake_timeout.duration(),
            options.max_message,
            options.shared_memory,
            options.allow_unauthenticated,
            keeps_segments};
}

manager::ServerOptions server_options(const Settings& settings) {
    manager::ServerOptions options;
    options.address = settings.address;
    options.authkey = settings.authkey;
    options.allow_md5 = settings.allow_md5;
    options.handshake_timeout = settings.handshake_timeout ? Timeout(*settings.handshake_timeout) : Timeout(forever);
    options.longest_message = settings.max_message;
    if (!settings.shared_memory) options.most_sharing = 0;
    options.allow_unauthenticated = settings.allow_unauthenticated;
    options.keeps_segments = settings.keeps_segments;
    return options;
}

std::unique_ptr<manager::Server> make_server(const Settings& settings, const Registrations& registered) {
    const auto classes = std::make_shared<manager::ExposedClasses>();
    for (const Registration& each : registered.all)
        if (each.exposed) classes->add(each.name, *each.exposed);
    auto server = std::make_unique<manager::Server>(server_options(settings), [&](manager::ServedTypes& types) {
        for (const Registration& each : registered.all)
            types[each.name] = manager::registered_type(each.name, each.code, classes);
    });
    manager::remember_key({server->address(), settings.authkey});  // for proxies that its code uses
    return server;
}

// The server is left as it is: its end would wait for calls of the program's code that may never return.
void serve(const Connection& starter, const Settings& settings, const Registrations& registered,
           const std::function<void()>& initializer) {
    os::set_signal_action(SIGINT, SIG_IGN);
    static manager::Server* server = nullptr;
    try {
        if (initializer) initializer();
        server = make_server(settings, registered).release();
    } catch (...) {
        starter.send(Start{exception_to_object(std::current_exception()), {}});
        return;
    }
    starter.send(Start{{}, server->address()});
    starter.close();
    server->run();
}

// Of what was moved from.
const Address& nowhere() noexcept {
    static const Address address;
    return address;
}

void serve_registered(const Connection& starter, const Settings& settings, const Registrations& registered) {
    serve(starter, settings, registered, {});
}

}  // namespace

/// What a BaseManager has.
class BaseManager::State {
public:
    explicit State(ManagerOptions options) : options_(std::move(options)) {
        if (!options_.authkey) options_.authkey = current_process().authkey();
    }

    const Address& address() const noexcept { return options_.address; }
    void add_type(Registration registration) {
        require_fresh();  // the server has its own copy
        registered_.add(std::move(registration));
    }

    void keep_segments() noexcept { keeps_segments_ = true; }
    void start();
    void connect();
    std::unique_ptr<manager::Server> make_own_server();
    void shut_down();
    Process& server_process();
    bool has_server_process() const noexcept { return process_ && owner_ == os::current_pid(); }

    manager::ServerPlace place() const {
        if (!in_use_) throw ValueError("server not yet started");
        return {options_.address, options_.authkey};
    }

private:
    void require_fresh() const {
        if (in_use_) throw ValueError("Already started server");
    }
    Settings settings() const { return settings_of(options_, keeps_segments_); }
    Process make_process(Connection starter) const;

    ManagerOptions options_;
    Registrations registered_;
    bool keeps_segments_ = false;
    bool in_use_ = false;
    bool shut_down_ = false;
    std::optional<Process> process_;
    pid_t owner_ = 0;
};

Process BaseManager::State::make_process(Connection starter) const {
    const bool has_code = !registered_.all.empty() || options_.initializer;
    const auto method = options_.start_method.value_or(has_code ? StartMethod::fork : StartMethod::spawn);
    const ProcessOptions options{.name = {}, .daemon = true, .start_method = method, .detached = false};
    if (options_.initializer)
        return Process(options, serve, std::move(starter), settings(), registered_, options_.initializer);
    return Process(options, serve_registered, std::move(starter), settings(), registered_);
}

void BaseManager::State::start() {
    require_fresh();
    auto [here, there] = Pipe({.duplex = false});
    process_.emplace(make_process(std::move(there)));
    process_->start();
    owner_ = os::current_pid();
    manager::note_server_process(*process_->pid());
    try {
        const auto started = here.recv<Start>();
        if (started.error) throw_python_exception(*started.error);
        options_.address = started.address;
    } catch (const EofError&) {
        process_->join();
        const int exitcode = std::exchange(process_, {})->exitcode().value_or(0);
        throw EofError("the manager's server has ended before it served, with exit code " + std::to_string(exitcode));
    } catch (...) {
        process_->join();
        process_.reset();
        throw;
    }
    in_use_ = true;
    manager::remember_key(place());
}

void BaseManager::State::connect() {
    require_fresh();
    const manager::ServerPlace found{options_.address, options_.authkey};
    manager::call_server(found, "dummy", Object::tuple());
    manager::remember_key(found);
    in_use_ = true;
}

std::unique_ptr<manager::Server> BaseManager::State::make_own_server() {
    require_fresh();
    auto server = make_server(settings(), registered_);
    options_.address = server->address();
    return server;
}

Process& BaseManager::State::server_process() {
    if (!has_server_process()) throw ValueError("the server was not started by this manager in this process");
    return *process_;
}

void BaseManager::State::shut_down() {
    Process& process = server_process();
    if (std::exchange(shut_down_, true)) return;
    if (process.is_alive()) {
        try {
            manager::ask_to_end(place(), options_.shutdown_timeout);
        } catch (const std::exception&) {
            // It has gone already, or does not answer: the signals tell it.
        }
        manager::forget_link(place());
    }
    if (process.join(options_.shutdown_timeout)) return;
    process.terminate();
    if (process.join(options_.shutdown_timeout)) return;
    process.kill();
    process.join();
}

BaseManager::BaseManager(ManagerOptions options) : state_(std::make_unique<State>(std::move(options))) {}
BaseManager::BaseManager(BaseManager&&) noexcept = default;

BaseManager& BaseManager::operator=(BaseManager&& other) noexcept {
    std::swap(state_, other.state_);
    return *this;
}

BaseManager::~BaseManager() {
    if (!state_ || !state_->has_server_process()) return;
    try {
        state_->shut_down();
    } catch (const std::exception&) {
        // The process belongs to this one, and ends with it.
    }
}

BaseManager::State& BaseManager::state() const {
    if (!state_) throw ValueError("the manager was moved from");
    return *state_;
}

void BaseManager::add_type(std::string name, std::shared_ptr<manager::detail::Code> code,
                           std::optional<manager::detail::ExposedClass> exposed) {
    state().add_type({std::move(name), std::move(code), std::move(exposed)});
}

void BaseManager::keep_segments() {
    state().keep_segments();
}

Object BaseManager::call_server(std::string_view function, const Object& args) const {
    return manager::call_server(state().place(), function, args);
}

void BaseManager::register_type(const std::string&) {}

void BaseManager::start() {
    state().start();
}

void BaseManager::connect() {
    state().connect();
}

ManagerServer BaseManager::get_server() {
    return ManagerServer(state().make_own_server());
}

void BaseManager::shutdown() {
    state().shut_down();
}

bool BaseManager::join(Timeout timeout) {
    return state().server_process().join(timeout);
}

const Address& BaseManager::address() const noexcept {
    return state_ ? state_->address() : nowhere();
}

ObjectProxy BaseManager::create(const Object& args, const Object& kwds) const {
    const manager::ServerPlace place = state().place();
    const Object made = manager::call_server(place, "create", args, kwds);
    return manager::ProxyMaker::make(manager::handle_of_new(place, args[0].str(), made[0].str(), made[1]));
}

std::size_t BaseManager::number_of_objects() const {
    return call_server("number_of_objects", Object::tuple()).to<std::size_t>();
}

std::string BaseManager::debug_info() const {
    return call_server("debug_info", Object::tuple()).to<std::string>();
}

Manager::Manager(ManagerOptions options) : BaseManager(std::move(options)) {
    start();
}

ManagerServer::ManagerServer(std::unique_ptr<manager::Server> server) noexcept : server_(std::move(server)) {}
ManagerServer::~ManagerServer() = default;
ManagerServer::ManagerServer(ManagerServer&& other) noexcept = default;
ManagerServer& ManagerServer::operator=(ManagerServer&& other) noexcept = default;

void ManagerServer::serve_forever() {
    if (!server_) throw ValueError("the server was moved from");
    server_->run();
}

void ManagerServer::stop() noexcept {
    if (server_) server_->stop();
}

const Address& ManagerServer::address() const noexcept {
    return server_ ? server_->address() : nowhere();
}

}  // namespace cohort
