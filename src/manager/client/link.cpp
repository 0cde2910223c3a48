// SPDX-License-Identifier: MIT
#include "manager/client/link.hpp"

#include <cohort/base/errors.hpp>
#include <cohort/channel/client.hpp>
#include <cohort/process/current_process.hpp>
#include <cohort/serial/python_exception.hpp>

#include "channel/network/connecting.hpp"
#include "channel/network/newcomer.hpp"
#include "manager/server/dispatcher.hpp"
#include "manager/spin_before_sleep.hpp"
#include "os/freed_memory.hpp"
#include "os/poll.hpp"
#include "os/process_identity.hpp"
#include "os/socket.hpp"
#include "os/unix_socket.hpp"
#include "serial/pickle/reader.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace cohort::manager {

namespace {

constexpr int kCallsBeforeSharing = 8;     // what uses a connection less is not worth the memory
constexpr std::size_t kFirstBytes = 4096;  // of an answer: most are shorter, and received by one call

/// The connections of a thread: few, so that to compare is quicker than to sort.
struct Links {
    pid_t pid = os::current_pid();
    std::vector<std::pair<ServerPlace, std::unique_ptr<Link>>> all;

    auto find(const ServerPlace& place) {
        return std::ranges::find_if(all, [&](const auto& each) { return each.first == place; });
    }
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
/// @throws also what the server has answered
Reply exchange(const ServerPlace& place, const Object& ident, std::string_view method, const Object& args,
               const Object& kwds) {
    Link& link = this_thread_link(place);
    Reply reply;
    try {
        link.share_memory_if_used();
        reply = link.exchange(ident, method, args, kwds);
    } catch (const std::exception& error) {
        if (is_broken(error)) forget_link(place);
        throw;
    }
    return checked(link, std::move(reply));
}

channel::Wire connect_to_server(const ServerPlace& place) {
    try {
        return channel::connect_to_listener(place.address, {.authkey = place.authkey});
    } catch (const channel::PeerGone& error) {
        throw EofError(error.what());
    }
}

}  // namespace

Link::Link(const ServerPlace& place)
    : name_(channel::name_in_errors(place.address)),
      wire_(connect_to_server(place)),
      is_local_(place.address.is_unix()) {}

void Link::accept() {
    const Object args = Object::tuple({Object(current_process().name())});
    const Reply reply = checked(*this, exchange({}, "accept_connection", args, Object::dict()));
    is_cohort_ = reply.content == Object(Dispatcher::kGreeting);
}

Reply Link::exchange(const Object& ident, std::string_view method, const Object& args, const Object& kwds) {
    OutgoingMessage request = request_.write(Object::tuple({ident, Object(method), args, kwds}));
    os::keep_freed_blocks(request.size());
    send(std::move(request));
    request_.clear();
    const auto answer = receive();
    os::keep_freed_blocks(answer.size());
    const Object reply = pickle::Reader(answer, {}, reader_.take_memory()).run();
    reader_.clear();
    if (!reply.is(Object::Kind::tuple) || reply.size() != 2)
        throw SerializationError({}, "the manager at " + name_ + " sent no answer of a manager");
    return {reply[0].str(), reply[1]};
}

void Link::share_memory_if_used() {
    if (!is_cohort_ || !is_local_ || calls_ > kCallsBeforeSharing || ++calls_ <= kCallsBeforeSharing) return;
    const Descriptor memory = ask_for_memory();
    if (!memory) return;
    std::optional<SharedStream> stream;
    try {
        stream = SharedStream::attach(memory);
    } catch (const std::exception&) {
        return;  // there is no memory: the socket will do
    }
    const Reply reply = exchange({}, Dispatcher::kUseMemory, Object::tuple(), Object::dict());
    if (reply.content == Object(true)) shared_ = std::make_unique<SharedLink>(std::move(*stream), wire_.get(), name_);
}

// None: the server has none, or there is no descriptor for it.
Descriptor Link::ask_for_memory() {
    send(request_.write(Object::tuple({Object(), Object(Dispatcher::kOfferMemory), Object::tuple(), Object::dict()})));
    std::array<std::byte, kFirstBytes> first;
    os::Received received;
    try {
        received = os::receive_message(wire_.get(), first);
    } catch (const std::system_error& error) {
        if (error.code() == std::errc::too_many_files_open) return {};  // the answer was received
        throw std::system_error(error.code(), "recvmsg from the manager at " + name_);
    }
    if (received.end) throw EofError("the manager at " + name_ + " has closed the connection");
    std::span<const std::byte> bytes(first.data(), received.size);
    reader_.begin();
    for (bool whole = reader_.take(bytes); !whole;) whole = reader_.add(receive_some(reader_.room()));
    if (received.descriptors.size() != 1) return {};
    return std::move(received.descriptors.front());
}

void Link::send(OutgoingMessage message) {
    while (!message.empty())
        message.drop_front(shared_ ? shared_->send(message.head(), message.body())
                                   : wire_.send(message.head(), message.body(), 0, name_));
}

std::span<const std::byte> Link::receive() {
    std::array<std::byte, kFirstBytes> first;
    std::span<const std::byte> bytes(first.data(), receive_some(first));
    reader_.begin();
    bool whole = reader_.take(bytes);
    while (!whole) whole = reader_.add(receive_some(reader_.room()));
    if (!bytes.empty()) throw SerializationError({}, "the manager at " + name_ + " sent more than an answer");
    return reader_.message();
}

// At least one byte.
std::size_t Link::receive_some(std::span<std::byte> buffer) {
    if (shared_) return shared_->receive(buffer);
    std::optional<std::size_t> got;
    wait_before_sleep(spinner_, yielder_, [&]() noexcept {
        try {
            got = wire_.receive(buffer, MSG_DONTWAIT, name_);
        } catch (const std::exception&) {
            got = 0;  // the server has gone
        }
        return got.has_value();
    });
    while (!got) {
        got = wire_.receive(buffer, 0, name_);
        if (!got) os::wait_readable(wire_.get(), Deadline(forever));
    }
    if (*got == 0) throw EofError("the manager at " + name_ + " has closed the connection");
    return *got;
}

Link& this_thread_link(const ServerPlace& place) {
    Links& links = this_thread_links();
    if (const auto found = links.find(place); found != links.all.end()) return *found->second;
    auto link = std::make_unique<Link>(place);
    link->accept();
    return *links.all.emplace_back(place, std::move(link)).second;
}

void forget_link(const ServerPlace& place) noexcept {
    Links& links = this_thread_links();
    if (const auto found = links.find(place); found != links.all.end()) links.all.erase(found);
}

Reply call_object(const ServerPlace& place, const Object& ident, std::string_view method, const Object& args,
                  const Object& kwds) {
    return exchange(place, ident, method, args, kwds);
}

Object call_server(const ServerPlace& place, std::string_view function, const Object& args, const Object& kwds) {
    if (is_cohort_server(place)) return exchange(place, {}, function, args, kwds).content;
    Link once(place);  // as Python does it
    return checked(once, once.exchange({}, function, args, kwds)).content;
}

void ask_to_end(const ServerPlace& place, Timeout limit) {
    const Connection once =
        Client(place.address, {.authkey = place.authkey, .timeout = limit, .handshake_timeout = limit});
    once.send_bytes(pickle::dumps(Object::tuple({Object(), "shutdown", Object::tuple(), Object::dict()})));
    once.poll(limit);
}

bool is_cohort_server(const ServerPlace& place) {
    return this_thread_link(place).is_cohort();
}

}  // namespace cohort::manager
