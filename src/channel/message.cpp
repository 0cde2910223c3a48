// SPDX-License-Identifier: MIT
#include <cohort/channel/detail/message.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/base/type_name.hpp>

#include "channel/end.hpp"
#include "channel/packet.hpp"
#include "channel/thread_spare.hpp"
#include "serial/carried_descriptors.hpp"

namespace cohort::channel::detail {

struct OutgoingMemory {
    serial::BufferSink sink;
    serial::OutgoingDescriptors handles{true};
};

struct IncomingMemory {
    ReceivedPacket packet;
    serial::IncomingDescriptors handles;
};

namespace {

// A thread keeps the memory of its last message, unless that was long: then it goes back.
constexpr std::size_t kMostKept = std::size_t{1024} * 1024;

/// What a message is that is no value.
std::string describe(std::span<const std::byte> bytes, bool from_stream) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (from_stream && text.starts_with("#CHALLENGE#"))
        return "a challenge (the other side has an authkey, this one has none)";
    if (from_stream && text.size() > 2 && text[0] == '\x80' && text[1] <= 5 && text.ends_with('.'))
        return "a pickle of Python";
    return "bytes of send_bytes";
}

}  // namespace

Outgoing::Outgoing(const std::shared_ptr<End>& end) : end_(require(end)), memory_(nullptr) {
    end_.require_writable();
    memory_ = ThreadSpare<OutgoingMemory>::take();
    memory_->sink.set_carrier(end_.stream() ? nullptr : &memory_->handles);
}

Outgoing::~Outgoing() {
    const bool keep = memory_->sink.size() <= kMostKept;
    memory_->handles.clear();
    memory_->sink.clear();
    ThreadSpare<OutgoingMemory>::give_back(memory_, keep);
}

serial::Sink& Outgoing::sink() noexcept {
    return memory_->sink;
}

void Outgoing::send() {
    send_packet(end_, Content::value, memory_->sink.bytes(), memory_->handles.list(),
                shm::Parcel(memory_->handles.objects()));
}

Incoming::Incoming(const std::shared_ptr<End>& end, std::size_t maxlength) : memory_(nullptr) {
    require(end).require_readable();
    memory_ = ThreadSpare<IncomingMemory>::take();
    try {
        memory_->packet.receive(*end, maxlength);
    } catch (...) {
        ThreadSpare<IncomingMemory>::give_back(memory_, true);
        throw;
    }
    memory_->handles = serial::IncomingDescriptors(memory_->packet.take_handles());
}

Incoming::~Incoming() {
    memory_->handles = {};
    memory_->packet.clear();
    ThreadSpare<IncomingMemory>::give_back(memory_, true);
}

std::span<const std::byte> Incoming::bytes() const noexcept {
    return memory_->packet.message();
}

std::span<const std::byte> Incoming::value_bytes(std::string_view raw_type_name) const {
    const std::size_t mark = memory_->packet.from_stream() ? kValueMark.size() : 0;
    if (memory_->packet.content() == Content::value) return bytes().subspan(mark);
    const std::string expected = cohort::detail::readable_type_name(raw_type_name);
    throw SerializationError(expected,
                             "received " + describe(bytes(), mark != 0) + " where " + expected + " was expected");
}

serial::Trust Incoming::trust() const noexcept {
    return memory_->packet.from_stream() ? serial::Trust::none : serial::Trust::channel;
}

serial::HandleCarrier* Incoming::carrier() noexcept {
    return memory_->packet.from_stream() ? nullptr : &memory_->handles;
}

}  // namespace cohort::channel::detail
