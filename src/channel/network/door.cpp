// SPDX-License-Identifier: MIT
#include "channel/network/door.hpp"

#include <cohort/base/errors.hpp>

#include "channel/network/connecting.hpp"
#include "os/limits.hpp"
#include "os/process_identity.hpp"
#include "os/socket.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <system_error>

namespace cohort::channel {

namespace {

using std::chrono_literals::operator""s;

constexpr std::size_t kMostNewcomers = 512;

// Keys of the set; newcomers have those behind.
constexpr std::uint64_t kSocket = 0;
constexpr std::uint64_t kClosed = 1;
constexpr std::uint64_t kFirstNewcomer = 2;

bool no_descriptors(const std::system_error& error) noexcept {
    return error.code() == std::errc::too_many_files_open || error.code() == std::errc::too_many_files_open_in_system;
}

[[noreturn]] void fail_closed() {
    throw ValueError("listener is closed");
}

[[noreturn]] void fail_timeout() {
    throw TimeoutError("no connection was accepted within the timeout");
}

}  // namespace

Door::Door(const ListeningSocket& socket, const ListenerOptions& options)
    : socket_(socket), options_(options), process_(os::current_pid()), next_key_(kFirstNewcomer) {
    set_.add(socket_.get(), EPOLLIN, kSocket);
    set_.add(closed_.get(), EPOLLIN, kClosed);
}

Connection Door::accept(const Deadline& deadline) {
    const auto turn = take_turn(deadline);
    for (;;) {
        if (auto connection = step(deadline)) return *connection;
        if (deadline.passed()) fail_timeout();  // also while strangers keep it busy
    }
}

std::unique_lock<std::timed_mutex> Door::take_turn(const Deadline& deadline) {
    std::unique_lock turn(turn_, std::defer_lock);
    if (deadline.is_forever())
        turn.lock();
    else if (deadline.at() ? !turn.try_lock_until(*deadline.at()) : !turn.try_lock())
        fail_timeout();
    return turn;
}

// One event, so that all peers come in turn.
std::optional<Connection> Door::step(const Deadline& deadline) {
    if (!newcomers_.empty() && newcomers_.begin()->second.newcomer.deadline().passed())
        return advance(newcomers_.begin());
    std::array<epoll_event, 1> room;
    const auto events = set_.wait(room, Deadline(until_next_deadline(deadline)));
    if (events.empty()) return {};
    const std::uint64_t key = events.front().data.u64;
    if (key == kClosed) fail_closed();
    if (key == kSocket) return admit();
    const auto entered = newcomers_.find(key);
    return entered == newcomers_.end() ? std::nullopt : advance(entered);
}

Timeout Door::until_next_deadline(const Deadline& deadline) const {
    const auto own = deadline.left();
    const auto oldest = newcomers_.empty() ? std::nullopt : newcomers_.begin()->second.newcomer.deadline().left();
    if (!own && !oldest) return forever;
    return std::min(own.value_or(Timeout::Clock::duration::max()), oldest.value_or(Timeout::Clock::duration::max()));
}

std::optional<Connection> Door::admit() {
    os::SocketAddress from;
    Descriptor socket = take_peer(from);
    if (!socket) return {};
    Wire wire = socket_.wire(std::move(socket));
    Address peer = address_of(from);
    if (!options_.authkey && !wire.is_tls()) return welcome(std::move(wire), std::move(peer));
    make_room();
    begin_handshake(std::move(wire), std::move(peer));
    return {};
}

// Without descriptors the one that began first makes room: the peer that waits is taken at the next look.
Descriptor Door::take_peer(os::SocketAddress& from) {
    try {
        return os::accept_from(socket_.get(), Deadline(0s), &from);
    } catch (const std::system_error& error) {
        if (newcomers_.empty() || !no_descriptors(error)) throw;
    }
    send_away(newcomers_.begin());
    return {};
}

// Nobody waits for the one that is dropped: it has had the longest time of all.
void Door::make_room() noexcept {
    const std::size_t most = os::strangers_allowed(kMostNewcomers);
    while (newcomers_.size() >= most) send_away(newcomers_.begin());
}

void Door::begin_handshake(Wire wire, Address peer) {
    const int descriptor = wire.get();
    const std::uint64_t key = next_key_++;
    std::optional<Handshake> handshake;
    if (options_.authkey) handshake.emplace(Handshake::Side::listener, *options_.authkey, options_.allow_md5);
    Newcomer newcomer(std::move(wire), name_of_peer(peer), std::move(handshake), options_.handshake_timeout);
    const auto entered = newcomers_.try_emplace(key, Guest{std::move(newcomer), std::move(peer)}).first;
    try {
        set_.add(descriptor, EPOLLIN, key);
    } catch (...) {
        newcomers_.erase(entered);
        throw;
    }
}

std::optional<Connection> Door::advance(Newcomers::iterator entered) {
    bool proved = false;
    try {
        proved = entered->second.newcomer.advance();
    } catch (...) {
        take_out(entered);
        throw;
    }
    if (!proved) return {};
    auto taken = take_out(entered);
    return welcome(taken.mapped().newcomer.release(), std::move(taken.mapped().address));
}

Door::Newcomers::node_type Door::take_out(Newcomers::iterator entered) noexcept {
    try {
        set_.remove(entered->second.newcomer.descriptor());  // a copy of it in a forked child would stay in the set
    } catch (const std::system_error&) {                     // it is not there
    }
    return newcomers_.extract(entered);
}

void Door::send_away(Newcomers::iterator entered) noexcept {
    os::shut_down(take_out(entered).mapped().newcomer.descriptor());
}

std::string Door::name_of_peer(const Address& peer) const {
    return peer.is_tcp() ? name_in_errors(peer) : "a client of " + name_in_errors(socket_.address());
}

Connection Door::welcome(Wire wire, Address peer) {
    Connection made = make_connection(std::move(wire), name_of_peer(peer));
    const std::lock_guard guard(last_mutex_);
    last_accepted_ = std::move(peer);
    return made;
}

std::optional<Address> Door::last_accepted() {
    const std::lock_guard guard(last_mutex_);
    return last_accepted_;
}

void Door::close() noexcept {
    closed_.add();
    const std::lock_guard turn(turn_);
    try {  // copies in other processes would keep it there, and its number may be another file's soon
        set_.remove(socket_.get());
    } catch (const std::system_error&) {
    }
    while (!newcomers_.empty()) send_away(newcomers_.begin());
}

}  // namespace cohort::channel
