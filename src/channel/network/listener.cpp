// SPDX-License-Identifier: MIT
#include <cohort/channel/listener.hpp>

#include <cohort/base/errors.hpp>

#include "channel/network/connecting.hpp"
#include "channel/network/door.hpp"
#include "os/process_identity.hpp"
#include "os/random.hpp"
#include "os/socket.hpp"
#include "os/tcp_socket.hpp"
#include "os/unix_socket.hpp"

#include <atomic>
#include <string_view>
#include <utility>

namespace cohort {

namespace {

Address new_name() {
    constexpr std::size_t kBytes = 16;
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string name = "cohort-";
    for (const char byte : os::random_bytes(kBytes)) {
        name += kDigits[static_cast<unsigned char>(byte) >> 4];
        name += kDigits[static_cast<unsigned char>(byte) & 15];
    }
    return Address::abstract_unix(name);
}

os::UnixListener open_at(const Address& address, int backlog) {
    if (address.is_unix()) return os::unix_listen_replacing(address.path(), backlog);
    return {os::tcp_listen({address.host(), address.port()}, backlog), {}};
}

Address real_address(const Address& asked, int socket) {
    return asked.is_unix() ? asked : channel::address_of(os::local_address(socket));
}

ListenerOptions with_address(ListenerOptions options) {
    if (!options.address) options.address = new_name();
    return options;
}

std::optional<std::string> path_of(const Address& address) {
    if (!address.is_unix() || address.path().starts_with('\0')) return {};
    return address.path();
}

void require_key(const ListenerOptions& options, int socket) {
    if (options.authkey || options.allow_unauthenticated || os::is_local(os::local_address(socket))) return;
    throw ValueError(
        "a Listener at " + channel::name_in_errors(options.address) +
        " can be reached from other machines: give it an .authkey, or .allow_unauthenticated = true to let "
        "anybody connect");
}

}  // namespace

/// What a Listener has: the socket, and where its peers come in.
class Listener::State {
public:
    explicit State(const ListenerOptions& options);
    ~State();
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    /// This process's.
    channel::Door& door();
    const Address& address() const noexcept { return address_; }
    bool closed() const noexcept { return closed_; }
    void close() noexcept;

private:
    const ListenerOptions options_;
    os::UnixListener listening_;
    const Address address_;
    const std::optional<std::string> path_;  ///< of the socket's file
    const pid_t owner_;
    std::atomic<bool> closed_{false};
    std::atomic<channel::Door*> door_{nullptr};
};

Listener::State::State(const ListenerOptions& options)
    : options_(with_address(options)),
      listening_(open_at(options_.address, options_.backlog)),
      address_(real_address(options_.address, listening_.socket.get())),
      path_(path_of(address_)),
      owner_(os::current_pid()) {
    try {
        require_key(options_, listening_.socket.get());
        door_ = new channel::Door(listening_.socket.get(), address_, options_);
    } catch (...) {
        close();
        throw;
    }
}

// The door of a parent stays in a forked child, see Door.
Listener::State::~State() {
    close();
    channel::Door* door = door_;
    if (door && door->process() == os::current_pid()) delete door;
}

channel::Door& Listener::State::door() {
    channel::Door* known = door_;
    while (known->process() != os::current_pid()) {
        auto own = std::make_unique<channel::Door>(listening_.socket.get(), address_, options_);
        if (door_.compare_exchange_strong(known, own.get())) return *own.release();
    }
    return *known;
}

void Listener::State::close() noexcept {
    if (closed_.exchange(true)) return;
    channel::Door* door = door_;
    if (door && door->process() == os::current_pid()) door->close();
    if (path_ && owner_ == os::current_pid()) os::unix_remove(*path_, listening_.file);
    listening_.socket.reset();
}

Listener::Listener(const ListenerOptions& options) : state_(std::make_unique<State>(options)) {}
Listener::~Listener() = default;
Listener::Listener(Listener&& other) noexcept = default;
Listener& Listener::operator=(Listener&& other) noexcept = default;

Listener::State& Listener::open() const {
    if (closed()) throw ValueError("listener is closed");
    return *state_;
}

Connection Listener::accept(Timeout timeout) {
    return open().door().accept(Deadline(timeout));
}

Address Listener::address() const {
    return open().address();
}

std::optional<Address> Listener::last_accepted() const {
    return open().door().last_accepted();
}

int Listener::fileno() const {
    return open().door().descriptor();
}

void Listener::close() noexcept {
    if (state_) state_->close();
}

bool Listener::closed() const noexcept {
    return !state_ || state_->closed();
}

}  // namespace cohort
