// SPDX-License-Identifier: MIT
#include "manager/client/link.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/channel/client.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/serial/pickle.hpp>
#include <cohort/serial/python_exception.hpp>

#include "channel/network/connecting.hpp"
#include "manager/server/dispatcher.hpp"
#include "os/poll.hpp"
#include "os/process_identity.hpp"
#include "os/socket.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <system_error>
#include <utility>

namespace cohort::manager {

namespace {

/// The connections of a thread.
struct Links {
    pid_t pid = os::current_pid();
    std::map<std::pair<std::string, std::optional<std::string>>, Link> all;
};

Links& this_thread_links() {
    thread_local Links links;
    // A copy in a forked child: the sockets are the parent's, and closing them here does nothing to it.
    if (links.pid != os::current_pid()) {
        links.all.clear();
        links.pid = os::current_pid();
    }
    return links;
}

std::pair<std::string, std::optional<std::string>> key_of(const ServerPlace& place) {
    const TlsOptions& tls = place.address.tls();
    return {place.address.to_string() + '\n' + tls.cert + '\n' + tls.key + '\n' + tls.ca, place.authkey};
}

/// The last line of a traceback is the exception: `KeyError: 'k'`.
[[noreturn]] void throw_remote(const Link& link, const std::string& traceback) {
    std::string_view line = traceback;
    while (line.ends_with('\n')) line.remove_suffix(1);
    line.remove_prefix(line.rfind('\n') + 1);
    const auto colon = line.find(": ");
    RemoteError::Origin origin;
    origin.type_name = line.substr(0, colon);
    if (colon != std::string_view::npos) origin.message = line.substr(colon + 2);
    origin.process_name = "the manager at " + link.name();
    origin.trace = traceback;
    throw RemoteError(std::move(origin));
}

Reply checked(const Link& link, Reply reply) {
    if (reply.kind == "#RETURN" || reply.kind == "#PROXY") return reply;
    if (reply.kind == "#ERROR") throw_python_exception(reply.content);
    if (reply.kind == "#TRACEBACK") throw_remote(link, reply.content.str());
    if (reply.kind == "#UNSERIALIZABLE") throw_remote(link, "Unserializable message: " + reply.content.str());
    throw ValueError("Unrecognized message type " + Object(reply.kind).repr());
}

bool is_broken(const std::exception& error) {
    return dynamic_cast<const EofError*>(&error) || dynamic_cast<const std::system_error*>(&error) ||
           dynamic_cast<const SerializationError*>(&error);
}

/// An exchange on this thread's connection. One that failed is not used again: it may be within a message.
Reply exchange(const ServerPlace& place, const Object& ident, std::string_view method, const Object& args,
               const Object& kwds) {
    Link& link = this_thread_link(place);
    try {
        return link.exchange(ident, method, args, kwds);
    } catch (const std::exception& error) {
        if (is_broken(error)) forget_link(place);
        throw;
    }
}

}  // namespace

Link::Link(const ServerPlace& place)
    : name_(channel::name_in_errors(place.address)),
      wire_(channel::connect_to_listener(place.address, {.authkey = place.authkey})) {}

void Link::accept() {
    const Object args = Object::tuple({Object(current_process().name())});
    const Reply reply = checked(*this, exchange({}, "accept_connection", args, Object::dict()));
    is_cohort_ = reply.content == Object(Dispatcher::kGreeting);
}

Reply Link::exchange(const Object& ident, std::string_view method, const Object& args, const Object& kwds) {
    const auto request = pickle::dumps(Object::tuple({ident, Object(method), args, kwds}));
    send(request);
    const Object reply = pickle::loads(receive());
    reader_.clear();
    if (!reply.is(Object::Kind::tuple) || reply.size() != 2)
        throw SerializationError({}, "the manager at " + name_ + " sent no answer of a manager");
    return {reply[0].str(), reply[1]};
}

void Link::send(std::span<const std::byte> message) {
    const channel::FrameHeader header(message.size());
    std::span<const std::byte> head = header.bytes();
    while (!head.empty() || !message.empty()) {
        const std::size_t sent = wire_.send(head, message, 0, name_);
        const std::size_t of_head = std::min(sent, head.size());
        head = head.subspan(of_head);
        message = message.subspan(sent - of_head);
    }
}

std::span<const std::byte> Link::receive() {
    reader_.begin();
    for (bool whole = false; !whole;) {
        const auto got = wire_.receive(reader_.room(), 0, name_);
        if (got == std::size_t{0}) throw EofError("the manager at " + name_ + " has closed the connection");
        if (got)
            whole = reader_.add(*got);
        else
            os::wait_readable(wire_.get(), Deadline(forever));
    }
    return reader_.message();
}

Link& this_thread_link(const ServerPlace& place) {
    auto& all = this_thread_links().all;
    auto key = key_of(place);
    if (const auto found = all.find(key); found != all.end()) return found->second;
    Link link(place);
    link.accept();
    return all.emplace(std::move(key), std::move(link)).first->second;
}

void forget_link(const ServerPlace& place) noexcept {
    this_thread_links().all.erase(key_of(place));
}

Reply call_object(const ServerPlace& place, std::string_view ident, std::string_view method, const Object& args,
                  const Object& kwds) {
    Reply reply = exchange(place, Object(ident), method, args, kwds);
    return checked(this_thread_link(place), std::move(reply));
}

Object call_server(const ServerPlace& place, std::string_view function, const Object& args, const Object& kwds) {
    if (is_cohort_server(place))
        return checked(this_thread_link(place), exchange(place, {}, function, args, kwds)).content;
    Link once(place);  // as Python does it
    return checked(once, once.exchange({}, function, args, kwds)).content;
}

bool is_cohort_server(const ServerPlace& place) {
    return this_thread_link(place).is_cohort();
}

}  // namespace cohort::manager
