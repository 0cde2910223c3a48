// SPDX-License-Identifier: MIT
#include "channel/network/stream.hpp"

#include <cohort/base/errors.hpp>

#include "channel/network/wire.hpp"
#include "os/poll.hpp"
#include "os/socket.hpp"
#include "sync/lock_state.hpp"
#include "sync/make_state.hpp"
#include "sync/this_caller.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

namespace cohort::channel {

namespace {

/// Whose turn it is to send, or to receive.
struct Direction {
    sync::LockState turn;
    std::atomic<bool> in_frame;  ///< changed by the one whose turn it is
};

struct Shared {
    static constexpr std::size_t bytes() noexcept { return sizeof(Shared); }
    Direction sending;
    Direction receiving;
};

[[noreturn]] void fail_broken(const std::string& peer) {
    throw std::system_error(ECONNABORTED, std::system_category(),
                            "the connection with " + peer + " was ended within a message");
}

/// Has the turn.
class Turn {
public:
    /// @throws std::system_error  ECONNABORTED: a frame was broken off
    Turn(Direction& direction, int socket, const std::string& peer) : direction_(direction) {
        bool dead = false;
        if (!direction.turn.try_acquire(shm::this_process()))
            dead = direction.turn.acquire(sync::this_caller(), {}) == sync::Acquired::abandoned;
        if (!direction.in_frame.load(std::memory_order_relaxed)) return;
        if (dead) os::shut_down(socket);  // before anybody else has the turn, who may not know
        direction.turn.release();
        fail_broken(peer);
    }
    ~Turn() { direction_.turn.release(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    // The lock orders the mark between the living; of the dead, memory holds what they had stored.
    void begin_frame() noexcept { direction_.in_frame.store(true, std::memory_order_relaxed); }
    void end_frame() noexcept { direction_.in_frame.store(false, std::memory_order_relaxed); }

private:
    Direction& direction_;
};

/// Takes bytes that were sent off the front of two parts.
void drop_front(std::size_t sent, std::span<const std::byte>& head, std::span<const std::byte>& body) {
    const std::size_t of_head = std::min(sent, head.size());
    head = head.subspan(of_head);
    body = body.subspan(sent - of_head);
}

Shared& at(const std::shared_ptr<shm::Object>& object) {
    shm::this_process();
    return sync::state_at<Shared>(object->data());
}

}  // namespace

Stream::Stream(std::string peer, std::unique_ptr<Tls> tls)
    : peer_(std::move(peer)), tls_(std::move(tls)), shared_(sync::make_state<Shared>()) {}

Stream::Stream(std::string peer, std::shared_ptr<shm::Object> shared) noexcept
    : peer_(std::move(peer)), shared_(std::move(shared)) {}

/// At least one byte, waiting for room.
std::size_t Stream::send_some(int socket, std::span<const std::byte> head, std::span<const std::byte> body) const {
    for (;;) {
        try {
            return send_stream(tls_.get(), socket, head, body, 0, peer_);
        } catch (const std::system_error& error) {  // the program may have made the open file non-blocking
            if (error.code() != std::errc::resource_unavailable_try_again) throw;
        }
        os::wait_writable(socket, Deadline(forever));
    }
}

/// The rest of a frame.
void Stream::finish_sending(int socket, std::span<const std::byte> head, std::span<const std::byte> body) const {
    try {
        while (!head.empty() || !body.empty()) drop_front(send_some(socket, head, body), head, body);
    } catch (...) {
        os::shut_down(socket);  // the other end would wait for the rest
        throw;
    }
}

void Stream::finish_receiving(int socket, FrameReader& reader) const {
    for (;;) {
        const auto got = receive_stream(tls_.get(), socket, reader.room(), MSG_WAITALL, peer_);
        if (got == std::size_t{0})
            throw std::system_error(EIO, std::system_category(), "got end of file during message from " + peer_);
        if (got && reader.add(*got)) return;
        if (!got) os::wait_readable(socket, Deadline(forever));
    }
}

void Stream::send(int socket, std::span<const std::byte> head, std::span<const std::byte> body) const {
    const FrameHeader header(head.size() + body.size());
    std::array<std::byte, 32> front;  // the header and a short head
    auto* end = std::ranges::copy(header.bytes(), front.data()).out;
    end = std::ranges::copy(head, end).out;
    std::span<const std::byte> first(front.data(), end);
    Turn turn(at(shared_).sending, socket, peer_);
    turn.begin_frame();
    try {
        drop_front(send_some(socket, first, body), first, body);
    } catch (...) {
        turn.end_frame();  // nothing of it was sent
        throw;
    }
    finish_sending(socket, first, body);
    turn.end_frame();
}

bool Stream::begin_to_receive(int socket, FrameReader& reader) const {
    Turn turn(at(shared_).receiving, socket, peer_);
    turn.begin_frame();
    std::optional<std::size_t> got;
    try {
        got = receive_stream(tls_.get(), socket, reader.room(), MSG_DONTWAIT, peer_);
    } catch (...) {
        turn.end_frame();
        throw;
    }
    if (got.value_or(0) == 0) turn.end_frame();
    if (!got) return false;
    if (*got == 0) throw EofError("the connection with " + peer_ + " is closed by the other side");
    try {
        if (!reader.add(*got)) finish_receiving(socket, reader);
        if (tls_ && tls_->has_rest())  // poll() would not see what follows
            throw std::system_error(EPROTO, std::system_category(), peer_ + " put two messages into one record of TLS");
    } catch (const ValueError&) {
        throw;  // the caller wants no message so long: nothing more is read, but what is sent goes on
    } catch (...) {
        os::shut_down(socket);  // the other end would wait until somebody reads the rest
        throw;
    }
    turn.end_frame();
    return true;
}

void Stream::receive(int socket, FrameReader& reader) const {
    while (!begin_to_receive(socket, reader)) os::wait_readable(socket, Deadline(forever));
}

}  // namespace cohort::channel
