// SPDX-License-Identifier: MIT
#pragma once

#include "channel/network/frame.hpp"
#include "channel/network/tls.hpp"
#include "shm/tree.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace cohort::channel {

/// What makes an End that of a stream of bytes, which carries CPython's frames, instead of a pipe's packets.
///
/// A stream keeps no boundaries, so one thread of all processes that have the end sends a frame at a time, and one
/// receives: their turns are locks in the memory of the tree, where a mark says that a frame is under way.
///
/// Thread safety: safe, also between processes.
/// FORK: the child has the same end. Other processes get the shared state with the descriptor.
/// DEATH: within a frame: the next one whose turn it is finds the mark, and ends the connection for all, since nobody
/// can tell where the next frame begins. Elsewhere: nothing is lost. A receiver that waits for a frame to begin has no
/// turn, and can be killed or stopped at no cost to others.
class Stream {
public:
    /// @param peer  names the other end in errors
    /// @param tls   for this process only; null: none
    /// @throws std::bad_alloc, std::system_error  there is no memory for what is shared
    explicit Stream(std::string peer, std::unique_ptr<Tls> tls = {});
    /// One that came from another process.
    Stream(std::string peer, std::shared_ptr<shm::Object> shared) noexcept;

    const std::string& peer() const noexcept { return peer_; }
    const std::shared_ptr<shm::Object>& shared() const noexcept { return shared_; }
    /// Null: none.
    Tls* tls() const noexcept { return tls_.get(); }

    /// Sends a frame of two parts, and waits until all of it is under way.
    /// @throws std::system_error  EPIPE or ECONNRESET when the other end is closed; ECONNABORTED when a frame before it
    /// was broken off
    void send(int socket, std::span<const std::byte> head, std::span<const std::byte> body) const;

    /// Waits for the next frame, which the reader was told to begin.
    /// @throws EofError  the other end is closed, and nothing is left
    /// @throws std::system_error  EIO at an end within a frame; otherwise as send(), and FrameReader::add() and room().
    /// The rest of a frame that failed is read by nobody: the connection ends, but for a ValueError
    void receive(int socket, FrameReader& reader) const;

private:
    bool begin_to_receive(int socket, FrameReader& reader) const;

    std::size_t send_some(int socket, std::span<const std::byte> head, std::span<const std::byte> body) const;
    void finish_sending(int socket, std::span<const std::byte> head, std::span<const std::byte> body) const;
    void finish_receiving(int socket, FrameReader& reader) const;

    std::string peer_;
    std::unique_ptr<Tls> tls_;
    std::shared_ptr<shm::Object> shared_;
};

}  // namespace cohort::channel
