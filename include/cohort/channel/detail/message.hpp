// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/source.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace cohort::channel {

class End;

}  // namespace cohort::channel

namespace cohort::channel::detail {

struct OutgoingMemory;
struct IncomingMemory;

/// A value on its way into a pipe. Its memory is the thread's, and used again.
class COHORT_API Outgoing {
public:
    /// @throws ValueError  the end is closed, or not for writing
    explicit Outgoing(const std::shared_ptr<End>& end);
    ~Outgoing();
    Outgoing(const Outgoing&) = delete;
    Outgoing& operator=(const Outgoing&) = delete;

    /// Where the value is written.
    serial::Sink& sink() noexcept;
    /// Sends what was written.
    void send();

private:
    End& end_;
    OutgoingMemory* memory_;
};

/// A message that was received.
class COHORT_API Incoming {
public:
    /// Waits for it.
    /// @param maxlength  a longer one is refused with ValueError
    explicit Incoming(const std::shared_ptr<End>& end, std::size_t maxlength = static_cast<std::size_t>(-1));
    ~Incoming();
    Incoming(const Incoming&) = delete;
    Incoming& operator=(const Incoming&) = delete;

    /// Its bytes.
    std::span<const std::byte> bytes() const noexcept;

    /// What the value is read from.
    /// @param raw_type_name  of the type that is expected, for the error when the message was sent by send_bytes()
    std::span<const std::byte> value_bytes(std::string_view raw_type_name) const;
    /// Whether it may name code: not if it came over the network.
    serial::Trust trust() const noexcept;
    /// Who brought the descriptors of the handles in it; null where none can come.
    serial::HandleCarrier* carrier() noexcept;

private:
    IncomingMemory* memory_;
};

}  // namespace cohort::channel::detail
