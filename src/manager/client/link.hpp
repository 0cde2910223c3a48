// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/channel/address.hpp>
#include <cohort/serial/object.hpp>

#include "channel/network/frame.hpp"
#include "channel/network/wire.hpp"
#include "manager/client/shared_link.hpp"
#include "manager/message_buffer.hpp"
#include "manager/yielder.hpp"
#include "shm/spinner.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cohort::manager {

/// Where a server is, and the key that it has.
struct ServerPlace {
    Address address{};
    std::optional<std::string> authkey{};
    friend bool operator==(const ServerPlace&, const ServerPlace&) = default;
};

/// What a server has answered.
struct Reply {
    std::string kind;  ///< `#RETURN` and others
    Object content;
};

/// A connection with a server: a request, then its answer.
///
/// Thread safety: none; each thread has its own. FORK: the child makes its own.
class Link {
public:
    /// Connects; both sides prove that they have the key.
    /// @throws std::system_error naming the address; AuthenticationError
    explicit Link(const ServerPlace& place);

    /// @throws EofError, std::system_error  the server has gone; the text names it
    Reply exchange(const Object& ident, std::string_view method, const Object& args, const Object& kwds);

    /// Says that methods will be called here.
    void accept();
    /// Goes on in memory shared with the server, if it is one of cohort's on this machine and is called often.
    void share_memory_if_used();
    /// Whether the server is one of cohort's, which takes requests for itself on this connection, too.
    bool is_cohort() const noexcept { return is_cohort_; }
    const std::string& name() const noexcept { return name_; }

private:
    Descriptor ask_for_memory();
    void send(OutgoingMessage message);
    std::span<const std::byte> receive();
    std::size_t receive_some(std::span<std::byte> buffer);

    std::string name_;  // of the server, in errors
    channel::Wire wire_;
    MessageBuffer request_;
    channel::FrameReader reader_;
    shm::Spinner spinner_;
    Yielder yielder_;
    const bool is_local_;
    int calls_ = 0;  // up to those after which memory is shared
    std::unique_ptr<SharedLink> shared_;
    bool is_cohort_ = false;
};

/// This thread's connection with a server, made at the first use; another one after a fork.
Link& this_thread_link(const ServerPlace& place);
/// The connection is of no use any more.
void forget_link(const ServerPlace& place) noexcept;

/// Calls a method of an object. @throws what it raised, EofError, std::system_error
/// @returns the answer, `#RETURN` or `#PROXY`
Reply call_object(const ServerPlace& place, const Object& ident, std::string_view method, const Object& args,
                  const Object& kwds);

/// Calls a function of the server itself, as `create`.
Object call_server(const ServerPlace& place, std::string_view function, const Object& args,
                   const Object& kwds = Object::dict());

/// Asks a server to end.
/// @param limit  for it to be connected, to prove its key, and to answer
/// @throws as Client()
void ask_to_end(const ServerPlace& place, Timeout limit);

/// Whether a server is one of cohort's.
bool is_cohort_server(const ServerPlace& place);

}  // namespace cohort::manager
