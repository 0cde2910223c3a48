// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/os/descriptor.hpp>

#include "channel/end.hpp"
#include "channel/network/frame.hpp"
#include "os/mapping.hpp"
#include "shm/parcel.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace cohort::channel {

/// What a message holds.
enum class Content : std::uint32_t {
    bytes = 0x62797465,  ///< what send_bytes() was given
    value = 0x76616c75,  ///< a value with the fingerprint of its type
};

/// What stands before each message. Without it an empty message would look like the end of the pipe.
struct PacketHeader {
    std::uint64_t size;  ///< of the message
    Content content;
    std::uint32_t handles;  ///< how many descriptors belong to handles in it
    shm::BlockName parcel;  ///< of the shared objects in it
};

/// What stands before a value in a frame, which has no header of ours: other frames are bytes.
inline constexpr std::string_view kValueMark{
    "\x93"
    "cohort\x01",
    8};

/// The most bytes of a message that one packet holds.
inline constexpr std::size_t kLargestBody = std::size_t{64} * 1024;

/// Sends a message: to a stream, as a frame. One that is too long for a packet begins in it and goes on in a memfd that
/// comes with it: so no more long messages are under way than packets have room, and a sender waits for its receivers.
///
/// DEATH: a packet is sent whole or not at all; what was prepared for it goes with the process.
/// @throws std::system_error  EPIPE when nobody has the other end any more; nothing was sent
void send_packet(End& end, Content content, std::span<const std::byte> message, std::span<const int> handles,
                 shm::Parcel parcel);

/// A message that was received: its memory, kept for the next one.
///
/// Thread safety: one thread at a time.
class ReceivedPacket {
public:
    /// Waits for the next message.
    /// @param maxlength  a longer one is refused with ValueError, and then nothing more can be received here
    /// @throws EofError  nobody has the other end any more, and nothing is left
    /// @throws SerializationError  what came is no message of a Pipe
    /// @throws std::system_error  with EMFILE when the message brings more descriptors than this process has room for:
    /// it is lost
    void receive(End& end, std::size_t maxlength);

    /// Gives back what belongs to this message only.
    void clear() noexcept;

    Content content() const noexcept { return content_; }
    /// Whether it came from a stream, whose other end may be anybody's.
    bool from_stream() const noexcept { return from_stream_; }
    std::span<const std::byte> message() const noexcept { return message_; }
    /// Those of the handles in the message, once.
    std::vector<Descriptor> take_handles() noexcept { return std::move(handles_); }
    /// Holds the shared objects in the message until clear().
    const shm::Parcel& parcel() const noexcept { return parcel_; }

private:
    void receive_packet(End& end);
    void receive_frame(End& end, std::size_t maxlength);
    void unpack(std::size_t size, std::vector<Descriptor> descriptors);
    void map_rest(const PacketHeader& header, std::span<const std::byte> first, const Descriptor& rest);

    std::unique_ptr<std::byte[]> buffer_;
    Content content_{};
    std::span<const std::byte> message_;
    std::vector<Descriptor> handles_;
    shm::Parcel parcel_;
    os::Mapping rest_;
    FrameReader frame_;
    bool from_stream_ = false;
};

}  // namespace cohort::channel
