// SPDX-License-Identifier: MIT
#include "process/keeper.hpp"

#include "os/process_identity.hpp"
#include "os/signals.hpp"
#include "os/unix_socket.hpp"
#include "process/image.hpp"
#include "process/keeper_loop.hpp"
#include "process/runtime.hpp"
#include "process/state.hpp"

#include <array>
#include <csignal>
#include <cstddef>
#include <exception>

namespace cohort::process {

namespace {

// One byte: a packet without any would look like the end.
void send_process(int socket, const os::Pidfd& process) {
    const std::byte nothing{};
    os::send_message(socket, {&nothing, 1}, std::array{process.get()});
}

}  // namespace

Keeper::Keeper() : owner_(os::current_pid()) {
    auto [ours, theirs] = os::socket_pair(os::SocketKind::seqpacket);
    auto write = [&, socket = theirs.get()](serial::Sink& sink) { return write_keeper(sink, socket, owner_); };
    // The image gets this mask and keeps it: what ends the owner and its children, Ctrl-C or a signal to the group,
    // must find the keeper alive from its first moment on.
    const os::SignalBlock blocked(os::SignalSet::all());
    auto image = start_image(write, std::array{theirs.get()});
    pid_ = image.pid;
    process_ = std::move(image.process);
    socket_ = std::move(ours);
}

Keeper::~Keeper() {
    if (!process_ || owner_ != os::current_pid()) return;
    try {
        process_.send_signal(SIGKILL);  // it has nothing to do any more, and may be stopped
        process_.wait(forever);
    } catch (const std::exception&) {
        // Another part of the program has reaped it.
    }
}

void Keeper::keep(const os::Pidfd& child) const {
    send_process(socket_.get(), child);
}

void Keeper::abandon() noexcept {
    socket_.reset();
    process_ = {};
}

std::shared_ptr<Keeper> keeper_for(Runtime& own, const ChildIdentity& identity) {
    if (identity.created_by_main_thread || identity.detached) return nullptr;
    auto keeper = own.keeper.lock();
    if (keeper && keeper->alive()) return keeper;
    keeper = std::make_shared<Keeper>();
    for (const auto& child : own.children) child->child->change_keeper(keeper);
    own.keeper = keeper;
    return keeper;
}

void enroll(int socket) noexcept {
    try {
        send_process(socket, os::Pidfd::open(os::current_pid()));
    } catch (const std::exception&) {
        os::send_signal(os::read_pid(), SIGKILL);  // unkept, it could outlive its parent
    }
}

std::optional<pid_t> keeper_pid() {
    Runtime& own = runtime();
    std::lock_guard guard(own.mutex);
    const auto keeper = own.keeper.lock();
    return keeper ? std::optional(keeper->pid()) : std::nullopt;
}

}  // namespace cohort::process
