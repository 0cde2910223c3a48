// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/pickle.hpp>
#include <cohort/serial/sink.hpp>

#include <cstddef>
#include <optional>
#include <span>

namespace cohort::manager {

/// Where messages are written, one after the other. Its memory stays for the next one, unless it was long: to take a
/// megabyte anew each time, and to give it back to the kernel, costs more page faults than the call costs otherwise.
///
/// Thread safety: none.
class MessageBuffer {
public:
    /// @returns the message, until the next write() or clear()
    std::span<const std::byte> write(const Object& message) {
        if (!sink_) sink_.emplace();
        sink_->clear();
        pickle::dump(*sink_, message);
        return sink_->bytes();
    }

    /// Gives back the memory of a long message.
    void clear() noexcept {
        if (sink_ && sink_->size() > kKept) sink_.reset();
    }

private:
    static constexpr std::size_t kKept = std::size_t{2} * 1024 * 1024;

    std::optional<serial::BufferSink> sink_;
};

}  // namespace cohort::manager
