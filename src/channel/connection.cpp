// SPDX-License-Identifier: MIT
#include <cohort/channel/connection.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/serial/handle_carrier.hpp>
#include <cohort/shm/shared_handle.hpp>

#include "channel/end.hpp"
#include "channel/ends.hpp"
#include "channel/maker.hpp"
#include "channel/network/stream.hpp"
#include "channel/packet.hpp"
#include "os/poll.hpp"

#include <algorithm>

namespace cohort {

using channel::End;
using channel::require;

static_assert(sizeof(Connection) == sizeof(std::shared_ptr<End>),
              "a handle is known by its first word, see HandleMemory");

bool Connection::poll(Timeout timeout) const {
    End& end = require(end_);
    end.require_readable();
    const End::Use use(end);
    return os::wait_readable(use.descriptor(), Deadline(timeout));
}

void Connection::send_bytes(std::span<const std::byte> bytes) const {
    End& end = require(end_);
    end.require_writable();
    channel::send_packet(end, channel::Content::bytes, bytes, {}, {});
}

void Connection::send_bytes(std::span<const std::byte> buffer, std::ptrdiff_t offset,
                            std::optional<std::ptrdiff_t> size) const {
    require(end_).require_writable();
    const std::ptrdiff_t length = std::ssize(buffer);
    if (offset < 0) throw ValueError("offset is negative");
    if (length < offset) throw ValueError("buffer length < offset");
    if (size && *size < 0) throw ValueError("size is negative");
    if (size && *size > length - offset) throw ValueError("buffer length < offset + size");
    send_bytes(
        buffer.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size.value_or(length - offset))));
}

std::vector<std::byte> Connection::recv_bytes(std::optional<std::ptrdiff_t> maxlength) const {
    require(end_).require_readable();
    if (maxlength && *maxlength < 0) throw ValueError("negative maxlength");
    using channel::detail::Incoming;
    const Incoming message = maxlength ? Incoming(end_, static_cast<std::size_t>(*maxlength)) : Incoming(end_);
    const auto bytes = message.bytes();
    return {bytes.begin(), bytes.end()};
}

std::size_t Connection::recv_bytes_into(std::span<std::byte> buffer, std::ptrdiff_t offset) const {
    require(end_).require_readable();
    if (offset < 0) throw ValueError("negative offset");
    if (offset > std::ssize(buffer)) throw ValueError("offset too large");
    const auto room = buffer.subspan(static_cast<std::size_t>(offset));
    const channel::detail::Incoming message(end_);
    const auto bytes = message.bytes();
    if (bytes.size() > room.size()) throw BufferTooShort({bytes.begin(), bytes.end()});
    std::ranges::copy(bytes, room.begin());
    return bytes.size();
}

int Connection::fileno() const {
    return End::Use(require(end_)).descriptor();
}

void Connection::close() const noexcept {
    if (end_) end_->close();
}

bool Connection::closed() const noexcept {
    return !end_ || end_->closed();
}
bool Connection::readable() const noexcept {
    return end_ && end_->readable();
}
bool Connection::writable() const noexcept {
    return end_ && end_->writable();
}

namespace serial {

namespace {

constexpr const char* kName = "cohort::Connection";

// What stands in a message for a connection, besides the number of its descriptor.
struct Described {
    std::uint64_t pipe;
    std::uint8_t side;
    bool readable;
    bool writable;
    bool is_stream;
};

// What a stream has besides, which both processes share.
std::unique_ptr<const channel::Stream> read_stream(Source& source) {
    auto peer = serial::read<std::string>(source);
    return std::make_unique<const channel::Stream>(std::move(peer), read_object(source));
}

}  // namespace

void Codec<Connection>::write(Sink& sink, const Connection& connection) {
    const auto& end = connection.end_;
    if (end && end->stream() && end->stream()->tls())
        throw SerializationError(kName, "a connection with TLS is for the process that made it alone");
    auto use = std::make_shared<std::pair<std::shared_ptr<End>, End::Use>>(end, End::Use(require(end)));
    const int descriptor = use->second.descriptor();
    const std::uint32_t number = carrier_of(sink, kName).add_descriptor(descriptor, std::move(use));
    const auto& [pipe, side] = end->identity();
    const channel::Stream* stream = end->stream();
    serial::write(sink, Described{pipe, side, end->readable(), end->writable(), stream != nullptr});
    serial::write(sink, number);
    if (!stream) return;
    serial::write(sink, stream->peer());
    write_object(sink, shm::SharedHandle(stream->shared()));
}

Connection Codec<Connection>::read(Source& source) {
    const auto described = serial::read<Described>(source);
    const auto number = serial::read<std::uint32_t>(source);
    if (described.side > 1) throw SerializationError(kName, "a pipe has two sides");
    Descriptor descriptor(carrier_of(source, kName).take_descriptor(number));
    auto stream = described.is_stream ? read_stream(source) : nullptr;
    return channel::ConnectionMaker::make(channel::Ends::adopt(std::move(descriptor), {described.pipe, described.side},
                                                               {described.readable, described.writable},
                                                               std::move(stream)));
}

}  // namespace serial
}  // namespace cohort
