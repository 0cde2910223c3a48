// SPDX-License-Identifier: MIT
#pragma once

#include "channel/network/frame.hpp"
#include "channel/network/newcomer.hpp"
#include "channel/network/wire.hpp"
#include "manager/server/dispatcher.hpp"
#include "manager/shared_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace cohort::manager {

class Session;

/// What a server does for its sessions.
class SessionHost {
public:
    virtual ~SessionHost() = default;
    virtual Dispatcher& dispatcher() noexcept = 0;
    /// Memory for what is received; used by one session at a time.
    virtual std::span<std::byte> receive_buffer() noexcept = 0;
    virtual std::size_t longest_message() const noexcept = 0;
    /// The peer has proved itself.
    virtual void authenticated(Session& session) = 0;
    /// Waits for other events (EPOLLIN, …) of the session's socket.
    virtual void watch(Session& session, std::uint32_t events) = 0;
    /// Calls Session::go_on() soon, from the loop.
    virtual void go_on_later(Session& session) = 0;
    /// The session has ended; destroyed soon.
    virtual void ended(Session& session) noexcept = 0;
    /// Whether there may be one more session with shared memory.
    virtual bool may_share() const noexcept = 0;
    /// One has some now; until it ends.
    virtual void shares() noexcept = 0;
    /// Looks at its shared memory from now on, and calls Session::work(), until the session is told that it sleeps.
    virtual void look_at(Session& session) = 0;
};

/// One connection of a server: its handshake, then requests, one after the other. While an answer is under way or still
/// to be found, nothing more is read, so that a client can have one request and one answer in the server's memory. An
/// idle session holds no buffer.
///
/// With a client of cohort the messages may go through shared memory, after a request that it makes. The socket tells
/// its end then, and its bytes say that it has changed something there while nobody looked.
///
/// Thread safety: none; it belongs to the server's thread.
class Session final : public ReplyTo, private MemoryOffer, public std::enable_shared_from_this<Session> {
public:
    /// @param wire      none with a newcomer, which has it
    /// @param newcomer  null where there is nothing to prove
    Session(SessionHost& host, channel::Wire wire, std::unique_ptr<channel::Newcomer> newcomer, std::string name,
            Peer peer);

    int descriptor() const noexcept { return newcomer_ ? newcomer_->descriptor() : wire_.get(); }
    ClientId client() const noexcept { return peer_.client; }
    HolderId holder() const noexcept { return peer_.holder; }
    std::uint32_t watched() const noexcept { return watched_; }

    void on_event(std::uint32_t events);
    void go_on();
    void take(Answer answer) override;
    bool waits() const noexcept override { return !ended_; }
    bool has_output() const noexcept { return !ended_ && !output_.empty(); }
    void end() noexcept;

    bool has_ended() const noexcept { return ended_; }
    bool has_memory() const noexcept { return offered_ || shared_; }
    /// Whether something can be done with the shared memory. REQUIRES: there is some.
    bool has_work() const noexcept;
    void work() noexcept;
    /// Nobody will look. The caller makes a full fence before the last look.
    void announce_sleep() noexcept { shared_->announce_sleep(); }
    void awake() noexcept { shared_->awake(); }
    /// As SharedStream::tell_crowd().
    void tell_crowd(bool is_crowd) noexcept { shared_->tell_crowd(is_crowd); }

private:
    bool offer_memory() override;
    bool use_memory() override;
    void advance_handshake();
    void on_wake(std::uint32_t events);
    void receive();
    std::optional<std::size_t> receive_some(std::span<std::byte> buffer);
    void consume(std::span<const std::byte> bytes);
    std::span<const std::byte> read_frame(std::span<const std::byte> bytes);
    void handle_frame();
    void handle(std::span<const std::byte> message, std::shared_ptr<const void> memory = {});
    void send(OutgoingMessage message);
    void send_offer(const OutgoingMessage& message, const Descriptor& memory);
    void send_some(OutgoingMessage& message);
    std::size_t send_some(std::span<const std::byte> head, std::span<const std::byte> body);
    void flush();
    void wake_client();
    void after_answer();
    void watch_what_matters();
    bool may_read() const noexcept { return !ended_ && !busy_ && output_.empty(); }

    SessionHost& host_;
    channel::Wire wire_;
    std::unique_ptr<channel::Newcomer> newcomer_;  // within the handshake
    const std::string name_;
    Peer peer_;
    bool busy_ = false;      // a call has no answer yet
    bool handling_ = false;  // within handle()
    bool ended_ = false;
    bool switches_ = false;  // to the memory that was offered, with the next answer
    std::uint32_t watched_;
    std::unique_ptr<channel::FrameReader> reader_;  // of a frame that is not whole
    std::vector<std::byte> behind_;                 // what came behind the request that is being handled
    OutgoingMessage output_;                        // what the socket has not taken
    std::vector<std::byte> output_memory_;          // where it stands, but for a large part of the value
    std::unique_ptr<SharedStream> offered_;         // until the client has it
    std::unique_ptr<SharedStream> shared_;
};

}  // namespace cohort::manager
