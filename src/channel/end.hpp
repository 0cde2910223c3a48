// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/os/descriptor.hpp>

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace cohort::channel {

class Stream;

/// Which end of which pipe: the same in all processes that have it. Of a stream they have one side only, and nobody the
/// other.
struct EndIdentity {
    std::uint64_t pipe = 0;  ///< random
    std::uint8_t side = 0;   ///< 0 or 1

    EndIdentity peer() const noexcept { return {pipe, static_cast<std::uint8_t>(1 - side)}; }
    friend bool operator==(const EndIdentity&, const EndIdentity&) = default;
};

/// What the two ends of a pipe may do.
struct EndRights {
    bool readable = true;
    bool writable = true;
};

/// One end of a pipe, or of a stream, in this process: what all copies of a Connection share.
///
/// Thread safety: safe. A close() while other threads are in calls lets these finish: the last one closes the
/// descriptor, so that its number never means another file to them.
/// FORK: the child has a copy, with a descriptor of its own; calls that other threads were in do not count there.
/// Invariant: every End is in the list of Ends from before its descriptor can be inherited until it is closed.
class End : public std::enable_shared_from_this<End> {
public:
    /// For Ends, which keep the list.
    /// @param stream  null for the end of a pipe
    End(Descriptor descriptor, EndIdentity identity, EndRights rights, std::unique_ptr<const Stream> stream) noexcept;
    ~End();
    End(const End&) = delete;
    End& operator=(const End&) = delete;

    /// A call under way: keeps the descriptor open.
    class Use {
    public:
        /// @throws ValueError  the end is closed
        explicit Use(End& end) : end_(&end) { end.enter(); }
        Use(Use&& other) noexcept : end_(std::exchange(other.end_, nullptr)) {}
        Use& operator=(Use&&) = delete;
        ~Use() {
            if (end_) end_->leave();
        }
        int descriptor() const noexcept { return end_->descriptor_.get(); }

    private:
        End* end_;
    };

    /// What sends and receives in place of packets; null for the end of a pipe.
    const Stream* stream() const noexcept { return stream_.get(); }

    const EndIdentity& identity() const noexcept { return identity_; }
    bool closed() const noexcept;
    bool readable() const noexcept { return readable_.load(std::memory_order_relaxed); }
    bool writable() const noexcept { return rights_.writable; }
    EndRights rights() const noexcept { return rights_; }

    /// Closes it in this process. Again: does nothing.
    void close() noexcept;

    /// Receives nothing any more.
    void stop_reading() noexcept;

    /// How many handles there are in this process; 0 while the last one is being destroyed.
    long handles() const noexcept { return weak_from_this().use_count(); }

    /// @throws ValueError  closed, or not for reading; the texts are Python's
    void require_readable() const;
    /// @throws ValueError  closed, or not for writing
    void require_writable() const;

    /// The longest message that goes in one packet.
    std::size_t inline_limit(int descriptor);

private:
    friend class Ends;

    void enter();
    void leave() noexcept;
    void close_listed() noexcept;
    void close_descriptor() noexcept;

    Descriptor descriptor_;
    const EndIdentity identity_;
    const EndRights rights_;
    const std::unique_ptr<const Stream> stream_;
    std::atomic<bool> readable_;
    std::atomic<std::uint64_t> uses_;  ///< pid, whether closed, how many calls are under way
    std::atomic<std::size_t> inline_limit_{0};
};

/// The end behind a handle.
/// @throws ValueError  it is that of a default-constructed or moved-from Connection
End& require(const std::shared_ptr<End>& end);

}  // namespace cohort::channel
