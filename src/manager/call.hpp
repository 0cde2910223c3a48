// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace cohort::manager {

class Referent;

/// A connection whose calls are served, as long as it lives: what owns a lock.
using ClientId = std::uint64_t;

/// Who holds references and locks: a process of this machine whose death is seen, or 0 for all others.
using HolderId = std::uint64_t;

/// What a call came to.
struct Answer {
    enum class Kind : std::uint8_t {
        value,           ///< `#RETURN`
        error,           ///< `#ERROR`: an exception
        traceback,       ///< `#TRACEBACK`: text
        unserializable,  ///< `#UNSERIALIZABLE`: text
        proxy,           ///< `#PROXY`: to a new object
    };

    Kind kind = Kind::value;
    Object content{};
    std::string type_id{};
    std::shared_ptr<Referent> referent{};
};

/// Who waits for an answer.
class ReplyTo {
public:
    virtual ~ReplyTo() = default;
    virtual void take(Answer answer) = 0;
    /// Whether anybody does.
    virtual bool waits() const noexcept { return true; }
};

/// A call of an object's method, to be answered once: at once, or later from the same thread. Dropped without an
/// answer, it fails, so that nobody waits for ever.
///
/// Thread safety: none; it may be handed to another thread that answers where the taker allows it.
class Call {
public:
    Call(std::shared_ptr<ReplyTo> reply_to, ClientId client, Object method, Object args, Object kwds,
         HolderId holder = 0)
        : reply_to_(std::move(reply_to)),
          method_(std::move(method)),
          args_(std::move(args)),
          kwds_(std::move(kwds)),
          client_(client),
          holder_(holder) {}
    Call(Call&&) noexcept = default;
    Call& operator=(Call&&) = delete;
    ~Call();

    std::string_view method() const { return method_.as_str(); }
    std::span<const Object> args() const { return args_.as_sequence(); }
    /// A dict.
    const Object& kwds() const noexcept { return kwds_; }
    ClientId client() const noexcept { return client_; }
    /// The process that called, if its end is seen.
    HolderId holder() const noexcept { return holder_; }

    void reply(Object value);
    void fail(Object exception);
    /// The text that Python prints.
    void fail_with_traceback(const std::string& traceback);
    /// The value has no form that could be sent. @param traceback  the text that Python prints
    void fail_to_send(const std::string& traceback);
    /// Makes an object in the server; the client gets a proxy to it.
    void reply_proxy(std::string type_id, std::shared_ptr<Referent> referent);

    /// Somebody else answers.
    void forget() noexcept { reply_to_ = nullptr; }

private:
    void answer(Answer answer);

    std::shared_ptr<ReplyTo> reply_to_;
    Object method_;
    Object args_;
    Object kwds_;
    ClientId client_;
    HolderId holder_;
};

}  // namespace cohort::manager
