// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <memory>
#include <span>

// How CPython's connections frame a message: its length as 4 bytes, signed and big-endian; or -1 and the length as 8
// bytes, where 4 do not hold it. Then the message.
namespace cohort::channel {

/// What stands before a message of this length.
class FrameHeader {
public:
    explicit FrameHeader(std::size_t length) noexcept;
    std::span<const std::byte> bytes() const noexcept { return std::span(bytes_).first(size_); }

private:
    std::array<std::byte, 12> bytes_;
    std::size_t size_;
};

/// Puts a message together from the bytes of a stream, and never takes one that belongs to the next message. Its memory
/// grows with what has arrived, so that a header that lies costs nothing.
///
/// Thread safety: none. The memory of a message is kept for the next one, unless it was long.
class FrameReader {
public:
    static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
    /// How far a length is believed before anything of its message has arrived; bytes.
    static constexpr std::size_t kFirstStep = std::size_t{2} << 20;

    /// What is a short message; bytes.
    static constexpr std::size_t kShort = std::size_t{64} << 10;

    /// Begins a message.
    /// @param maxlength  add() throws if it is longer
    void begin(std::size_t maxlength = kNoLimit) noexcept;

    /// Where the next bytes of the stream belong; not empty while the message is not whole.
    /// @throws std::system_error  ENOMEM: there is no memory for the message
    std::span<std::byte> room();

    /// Takes note that bytes were stored there.
    /// @returns whether the message is whole
    /// @throws ValueError  it is longer than maxlength
    /// @throws SerializationError  its length is negative
    /// @throws std::system_error  ENOMEM: it is longer than the memory of this machine
    bool add(std::size_t count);

    /// Takes bytes that were received elsewhere off the front, as far as they belong to the message.
    /// @returns and throws as add()
    bool take(std::span<const std::byte>& bytes);

    /// Whether a part of it is there.
    bool begun() const noexcept { return have_ != 0; }
    /// What has arrived of the header; for errors about a peer that speaks something else.
    std::span<const std::byte> header() const noexcept {
        return std::span(header_).first(have_ < header_.size() ? have_ : header_.size());
    }
    /// The whole message, until the next begin() or clear().
    std::span<const std::byte> message() const noexcept { return {memory_.get(), length_}; }
    /// Gives the memory of the whole message away, which stays where it is; the reader takes new memory for the next.
    /// @returns null if the message is short, or most of the memory is not its own
    std::shared_ptr<const void> take_memory();
    /// Gives back the memory of a long message.
    void clear() noexcept;

private:
    struct Free {
        void operator()(std::byte* memory) const noexcept { std::free(memory); }
    };

    bool read_length();
    void grow();

    std::size_t maxlength_ = kNoLimit;
    std::array<std::byte, 12> header_{};
    std::size_t header_size_ = 4;
    std::size_t have_ = 0;    ///< bytes of the header and the message
    std::size_t length_ = 0;  ///< of the message; 0 before the header is whole
    std::unique_ptr<std::byte, Free> memory_;
    std::size_t capacity_ = 0;
};

}  // namespace cohort::channel
