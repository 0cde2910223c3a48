// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object.hpp>
#include <cohort/serial/object_instance.hpp>

#include "manager/client/link.hpp"

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cohort::manager {

/// What the proxies of one object share in a process: a reference that the server has counted.
///
/// Thread safety: safe. FORK: the child counts its own at the first use; until then it relies on its parent's, which a
/// parent that drops its proxies gives back when the children it had then have ended.
/// DEATH: a server of cohort on this machine sees it and drops the reference; others keep the object.
class Handle final : public ObjectAnchor {
public:
    enum class Counted {
        yes,  ///< the server has counted a reference for this handle
        no,   ///< it is asked to
    };

    /// @param loan  what the sender has lent with the proxy, as lend() gave it
    /// @throws what call_server() throws
    Handle(ServerPlace place, ObjectToken token, std::vector<std::string> exposed, Counted counted,
           std::uint64_t loan = 0);
    ~Handle() override;
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    const ServerPlace& place() const noexcept { return place_; }
    const ObjectToken& token() const noexcept { return token_; }
    /// The methods that the server has told; empty: not known.
    const std::vector<std::string>& exposed() const noexcept { return exposed_; }

    /// As call_object().
    Reply call(std::string_view method, const Object& args, const Object& kwds) const;
    /// Has the server keep the object for who receives a proxy from this process, whatever becomes of this one.
    /// @returns the loan's number, which the receiver gives back; 0: there is none
    std::uint64_t lend() const noexcept;
    /// What a message has for a proxy.
    Object to_object() const;

private:
    void count_for_this_process() const;

    const ServerPlace place_;
    const ObjectToken token_;
    const Object ident_;  // the token's, as requests have it
    const std::vector<std::string> exposed_;
    mutable std::atomic<pid_t> counted_by_{0};
};

/// The handle for a proxy that came in a message.
/// @param loan  as Handle's
/// @throws SerializationError  it is none
std::shared_ptr<const Handle> handle_of(const Object& proxy, std::uint64_t loan = 0);

/// The handle for an object that the server has just made, with a reference for this process.
std::shared_ptr<const Handle> handle_of_new(const ServerPlace& place, const std::string& type_id, const std::string& id,
                                            const Object& exposed);

/// Remembers the key of a server, for proxies that come in messages.
void remember_key(const ServerPlace& place);

/// A server's process, which is no child that may have a copy of a proxy.
void note_server_process(pid_t pid);

}  // namespace cohort::manager
