// SPDX-License-Identifier: MIT
#include "channel/network/handshake.hpp"

#include "os/random.hpp"

#include <utility>

namespace cohort::channel {

namespace {

constexpr std::string_view kChallenge = "#CHALLENGE#";
constexpr std::string_view kWelcome = "#WELCOME#";
constexpr std::string_view kFailure = "#FAILURE#";
constexpr std::size_t kRandomBytes = 40;
constexpr std::size_t kMarkBytes = 16;
constexpr std::size_t kOldChallenge = 20;  // of Python before 3.12, which knows HMAC-MD5 only
constexpr std::size_t kOldAnswer = 16;

constexpr const char* kNoMd5 = "the peer asks for HMAC-MD5, as Python before 3.12 does, and .allow_md5 is false here";

/// A message that says which digest it is for: `{sha256}…`.
struct Prefixed {
    Digest digest;
    std::string_view rest;
};

std::optional<Prefixed> parse_prefix(std::string_view message) noexcept {
    const auto end = message.find('}');
    if (!message.starts_with('{') || end == std::string_view::npos) return {};
    const auto digest = digest_named(message.substr(1, end - 1));
    if (!digest) return {};
    return Prefixed{*digest, message.substr(end + 1)};
}

std::string prefix_of(Digest digest) {
    return std::string("{").append(name_of(digest)).append("}");
}

}  // namespace

Handshake::Handshake(Side side, std::string key, bool allow_md5, Digest digest)
    : side_(side),
      key_(std::move(key)),
      allow_md5_(allow_md5),
      digest_(digest),
      step_(side == Side::listener || side == Side::deliver ? Step::deliver : Step::answer) {}

std::string Handshake::start() {
    return step_ == Step::deliver ? deliver() : std::string();
}

std::string Handshake::receive(std::string_view message) {
    switch (step_) {
        case Step::check_answer:
            return check_answer(message);
        case Step::answer:
            return answer(message);
        case Step::await_welcome:
            return await_welcome(message);
        case Step::deliver:
        case Step::done:
            break;
    }
    return {};
}

std::string_view Handshake::awaited() const noexcept {
    switch (step_) {
        case Step::check_answer:
            return "no answer to the challenge: it has no authkey, while this side has one";
        case Step::answer:
            return "no challenge: it has no authkey, while this side has one, or it is busy";
        default:
            return "no welcome";
    }
}

std::string Handshake::deliver() {
    std::string random = os::random_bytes(kRandomBytes);
    if (side_ == Side::client) {
        random.resize(kRandomBytes - kMarkBytes);
        random += mark_of(random);
    }
    challenge_ = prefix_of(digest_) + random;
    step_ = Step::check_answer;
    return std::string(kChallenge) + challenge_;
}

// Only somebody with the key can tell it from the random bytes of others. A peer that gets it has had a digest with the
// key before: it learns nothing that helps it to guess the key.
std::string Handshake::mark_of(std::string_view nonce) const {
    return keyed_digest(Digest::sha256, key_, std::string("cohort: a client's challenge ").append(nonce))
        .substr(0, kMarkBytes);
}

bool Handshake::is_marked(std::string_view challenge) const {
    const auto prefixed = parse_prefix(challenge);
    if (!prefixed || prefixed->rest.size() != kRandomBytes) return false;
    constexpr std::size_t kNonce = kRandomBytes - kMarkBytes;
    return equal_in_constant_time(prefixed->rest.substr(kNonce), mark_of(prefixed->rest.substr(0, kNonce)));
}

std::string Handshake::check_answer(std::string_view message) {
    if (!is_right(message)) return std::string(kFailure);
    step_ = side_ == Side::listener ? Step::answer : Step::done;
    return std::string(kWelcome);
}

bool Handshake::is_right(std::string_view answer) {
    Prefixed given{Digest::md5, answer};
    if (answer.size() != kOldAnswer) {
        const auto prefixed = parse_prefix(answer);
        if (!prefixed) {
            refuse(
                "the peer sent something else than the digest of a challenge: it has no authkey, or is no peer of "
                "multiprocessing");
            return false;
        }
        given = *prefixed;
    }
    if (given.digest == Digest::md5 && !allow_md5_)
        refuse(kNoMd5);
    else if (!equal_in_constant_time(given.rest, keyed_digest(given.digest, key_, challenge_)))
        refuse("digest received was wrong: the peer has another authkey");
    return !failed();
}

std::string Handshake::answer(std::string_view message) {
    if (!message.starts_with(kChallenge))
        return refuse(
            "the peer sent something else than a challenge: it has no authkey, or is no peer of multiprocessing");
    message.remove_prefix(kChallenge.size());
    if (message.size() < kOldChallenge)
        return refuse("challenge too short: " + std::to_string(message.size()) + " bytes");
    return answer_to(message);
}

std::string Handshake::answer_to(std::string_view challenge) {
    const bool is_old = challenge.size() == kOldChallenge;
    const auto prefixed = parse_prefix(challenge);
    if (!is_old && !prefixed) return refuse("the challenge asks for a digest that is not known");
    const Digest digest = is_old ? Digest::md5 : prefixed->digest;
    if (digest == Digest::md5 && !allow_md5_) return refuse(kNoMd5);
    if (side_ == Side::client && is_marked(challenge))
        return refuse(
            "the peer sent back a challenge that a client with this authkey has made: it does not know the key");
    step_ = Step::await_welcome;
    return (is_old ? std::string() : prefix_of(digest)) + keyed_digest(digest, key_, challenge);
}

std::string Handshake::await_welcome(std::string_view message) {
    if (message != kWelcome) return refuse("digest sent was rejected: the peer has another authkey");
    if (side_ == Side::client) return deliver();
    step_ = Step::done;
    return {};
}

std::string Handshake::refuse(std::string error) {
    error_ = std::move(error);
    return {};
}

}  // namespace cohort::channel
