// SPDX-License-Identifier: MIT
#include <cohort/channel/listener.hpp>

#include <cohort/base/errors.hpp>

#include "channel/network/door.hpp"
#include "channel/network/listening_socket.hpp"
#include "os/process_identity.hpp"

#include <atomic>
#include <memory>

namespace cohort {

/// What a Listener has: the socket, and where its peers come in.
class Listener::State {
public:
    explicit State(const ListenerOptions& options);
    ~State();
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    /// This process's.
    channel::Door& door();
    const Address& address() const noexcept { return socket_.address(); }
    bool closed() const noexcept { return closed_; }
    void close() noexcept;

private:
    const ListenerOptions options_;
    channel::ListeningSocket socket_;
    std::atomic<bool> closed_{false};
    std::atomic<channel::Door*> door_{nullptr};
};

Listener::State::State(const ListenerOptions& options)
    : options_(options),
      socket_(options.address, options.backlog, !channel::is_secret(options.authkey) && !options.allow_unauthenticated),
      door_(new channel::Door(socket_, options_)) {}

// The door of a parent stays in a forked child, see Door.
Listener::State::~State() {
    close();
    channel::Door* door = door_;
    if (door && door->process() == os::current_pid()) delete door;
}

channel::Door& Listener::State::door() {
    channel::Door* known = door_;
    while (known->process() != os::current_pid()) {
        auto own = std::make_unique<channel::Door>(socket_, options_);
        if (door_.compare_exchange_strong(known, own.get())) return *own.release();
    }
    return *known;
}

void Listener::State::close() noexcept {
    if (closed_.exchange(true)) return;
    channel::Door* door = door_;
    if (door && door->process() == os::current_pid()) door->close();
    socket_.close();
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
