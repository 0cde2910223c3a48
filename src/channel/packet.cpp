// SPDX-License-Identifier: MIT
#include "channel/packet.hpp"

#include <cohort/base/bytes.hpp>
#include <cohort/base/errors.hpp>

#include "channel/network/stream.hpp"
#include "os/file.hpp"
#include "os/memfd.hpp"
#include "os/poll.hpp"
#include "os/unix_socket.hpp"

#include <algorithm>
#include <cstring>
#include <system_error>

namespace cohort::channel {

namespace {

constexpr std::size_t kHandlesMax = os::kMaxPassedDescriptors - 1;  // one may be that of a memfd
constexpr std::size_t kSurelyInline = 1024;                         // less than any socket's room

[[noreturn]] void fail_damaged() {
    throw SerializationError({}, "what was received is no message of a cohort::Pipe");
}

/// Calls until it need not wait: the program may have made the open file non-blocking.
template <class Call>
auto retried_when_ready(int socket, bool (*wait)(int, const Deadline&), Call&& call) {
    for (;;) {
        try {
            return call();
        } catch (const std::system_error& error) {
            if (error.code() != std::errc::resource_unavailable_try_again) throw;
        }
        wait(socket, Deadline(forever));
    }
}

void send_parts(int socket, const PacketHeader& header, std::span<const std::byte> body, std::span<const int> carried) {
    retried_when_ready(socket, os::wait_writable,
                       [&] { os::send_packet(socket, detail::bytes_of(header), body, carried); });
}

void send_long(int socket, const PacketHeader& header, std::span<const std::byte> message, std::size_t first,
               std::span<const int> handles) {
    // The message's first part is in the packet and leaves a hole here, which takes no memory.
    const Descriptor rest = os::memfd_create("cohort-message");
    os::resize(rest.get(), message.size());
    os::write_all_at(rest.get(), message.subspan(first), first);
    std::vector<int> carried{rest.get()};
    carried.insert(carried.end(), handles.begin(), handles.end());
    send_parts(socket, header, message.first(first), carried);
}

std::span<const std::byte> mark_of(Content content) noexcept {
    return content == Content::value ? std::as_bytes(std::span(kValueMark)) : std::span<const std::byte>();
}

}  // namespace

void send_packet(End& end, Content content, std::span<const std::byte> message, std::span<const int> handles,
                 shm::Parcel parcel) {
    if (handles.size() > kHandlesMax)
        throw SerializationError({}, "a message carries at most " + std::to_string(kHandlesMax) +
                                         " handles with descriptors, not " + std::to_string(handles.size()));
    if (const Stream* stream = end.stream()) return stream->send(End::Use(end).descriptor(), mark_of(content), message);
    const PacketHeader header{message.size(), content, static_cast<std::uint32_t>(handles.size()), parcel.name()};
    const End::Use use(end);
    const int socket = use.descriptor();
    const std::size_t limit = message.size() <= kSurelyInline ? kSurelyInline : end.inline_limit(socket);
    parcel.hand_over();
    try {
        if (message.size() <= limit)
            send_parts(socket, header, message, handles);
        else
            send_long(socket, header, message, limit, handles);
    } catch (...) {
        parcel.take_back();
        throw;
    }
    parcel.forget();
}

void ReceivedPacket::receive(End& end, std::size_t maxlength) {
    from_stream_ = end.stream() != nullptr;
    if (from_stream_) return receive_frame(end, maxlength);
    receive_packet(end);
    if (message_.size() <= maxlength) return;
    clear();
    end.stop_reading();
    throw ValueError("bad message length");
}

void ReceivedPacket::receive_frame(End& end, std::size_t maxlength) {
    frame_.begin(maxlength);
    try {
        const End::Use use(end);
        end.stream()->receive(use.descriptor(), frame_);
    } catch (const ValueError&) {  // too long, as Python has it; or closed
        if (frame_.begun()) end.stop_reading();
        throw;
    }
    message_ = frame_.message();
    const auto mark = mark_of(Content::value);
    content_ = message_.size() >= mark.size() && std::ranges::equal(message_.first(mark.size()), mark) ? Content::value
                                                                                                       : Content::bytes;
}

void ReceivedPacket::receive_packet(End& end) {
    constexpr std::size_t kBufferBytes = sizeof(PacketHeader) + kLargestBody;
    if (!buffer_) buffer_.reset(new std::byte[kBufferBytes]);  // left as it is: pages are touched as messages need them
    const End::Use use(end);
    const int socket = use.descriptor();
    auto receive = [&]() -> os::Received {
        try {
            return os::receive_message(socket, {buffer_.get(), kBufferBytes});
        } catch (const std::system_error& error) {
            // The other end was closed with messages unread in it. The kernel says so once, before what is left here.
            if (error.code() != std::errc::connection_reset) throw;
            return os::receive_message(socket, {buffer_.get(), kBufferBytes});
        }
    };
    os::Received received = retried_when_ready(socket, os::wait_readable, receive);
    if (received.end) throw EofError("the other end of the pipe is closed");
    if (received.truncated) fail_damaged();
    unpack(received.size, std::move(received.descriptors));
}

void ReceivedPacket::unpack(std::size_t size, std::vector<Descriptor> descriptors) {
    PacketHeader header;
    if (size < sizeof header) fail_damaged();
    std::memcpy(&header, buffer_.get(), sizeof header);
    const std::span<const std::byte> first(buffer_.get() + sizeof header, size - sizeof header);
    const bool is_long = header.size > first.size();
    const bool is_known = header.content == Content::bytes || header.content == Content::value;
    if (!is_known || header.size < first.size() || descriptors.size() != header.handles + (is_long ? 1U : 0U))
        fail_damaged();
    parcel_ = shm::Parcel(header.parcel);
    content_ = header.content;
    message_ = first;
    if (is_long) {
        map_rest(header, first, descriptors.front());
        descriptors.erase(descriptors.begin());
    }
    handles_ = std::move(descriptors);
}

void ReceivedPacket::map_rest(const PacketHeader& header, std::span<const std::byte> first, const Descriptor& rest) {
    if (os::size(rest.get()) != header.size) fail_damaged();
    rest_ = os::Mapping::map_shared(rest.get(), header.size);
    rest_.populate(0, first.size());
    std::memcpy(rest_.data(), first.data(), first.size());
    message_ = {rest_.data(), rest_.size()};
}

void ReceivedPacket::clear() noexcept {
    handles_.clear();
    parcel_ = {};
    rest_.unmap();
    frame_.clear();
    message_ = {};
}

}  // namespace cohort::channel
