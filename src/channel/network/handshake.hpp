// SPDX-License-Identifier: MIT
#pragma once

#include "channel/network/digest.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cohort::channel {

/// The longest message of a handshake; a longer one is refused.
inline constexpr std::size_t kLongestHandshake = 256;

/// How CPython's connections prove to each other that they have the same key, as a machine that sends and receives
/// nothing itself: it takes the peer's messages and gives what is to be sent.
///
/// Who delivers a challenge sends random bytes, gets their keyed digest, and sends a welcome or a refusal. A Listener
/// delivers one and then answers one; a Client the other way round. The two directions have one key, so a peer without
/// it could have one side's challenge answered by another: a Client marks its own challenges in a way that takes the
/// key to see, and no Client answers one with the mark. (A Listener answers only to who has answered before.)
///
/// Thread safety: none.
class Handshake {
public:
    enum class Side {
        listener,  ///< delivers, then answers
        client,    ///< answers, then delivers
        deliver,   ///< only delivers
        answer,    ///< only answers
    };

    /// @param allow_md5  false: neither asks for, gives nor takes HMAC-MD5, which is all that Python before 3.12 knows
    /// @param digest     the one that the challenge asks for
    Handshake(Side side, std::string key, bool allow_md5, Digest digest = Digest::sha256);

    /// What is to be sent before anything is received; empty: nothing.
    std::string start();
    /// Takes a message of the peer. REQUIRES: neither done() nor failed().
    /// @returns what is to be sent now, also if it has failed; empty: nothing
    std::string receive(std::string_view message);

    /// Whether both sides have proved what they had to.
    bool done() const noexcept { return step_ == Step::done; }
    /// Whether the peer was refused, or has refused: error() says why.
    bool failed() const noexcept { return !error_.empty(); }
    const std::string& error() const noexcept { return error_; }
    /// What the peer has not sent, for the error when it sends nothing more.
    std::string_view awaited() const noexcept;

private:
    enum class Step { deliver, check_answer, answer, await_welcome, done };

    std::string deliver();
    std::string check_answer(std::string_view message);
    std::string answer(std::string_view message);
    std::string await_welcome(std::string_view message);
    std::string answer_to(std::string_view challenge);
    bool is_right(std::string_view answer);
    bool is_marked(std::string_view challenge) const;
    std::string mark_of(std::string_view nonce) const;
    std::string refuse(std::string error);

    const Side side_;
    const std::string key_;
    const bool allow_md5_;
    const Digest digest_;
    Step step_;
    std::string challenge_;
    std::string error_;
};

}  // namespace cohort::channel
