// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object.hpp>
#include <cohort/serial/pickle.hpp>
#include <cohort/serial/sink.hpp>

#include "channel/network/frame.hpp"
#include "manager/outgoing_message.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>

namespace cohort::manager {

/// Where messages are written, one after the other. Its memory stays for the next one, unless it was long: to take a
/// megabyte anew each time, and to give it back to the kernel, costs more page faults than the call costs otherwise.
/// The first large part of a message is not written at all, but sent from where it is.
///
/// Thread safety: none.
class MessageBuffer final : private serial::Sink {
public:
    /// What is longer is a large part; bytes.
    static constexpr std::size_t kLongestCopy = std::size_t{64} << 10;

    /// @returns the message, until the next write() or clear()
    OutgoingMessage write(const Object& message) {
        large_ = {};
        show(kHeaderRoom);
        pickle::dump(*this, message);
        const std::size_t cut = large_.empty() ? size() : cut_;
        const channel::FrameHeader header(size() - kHeaderRoom + large_.size());
        const std::size_t begin = kHeaderRoom - header.bytes().size();
        std::ranges::copy(header.bytes(), memory_.get() + begin);
        const std::span<const std::byte> written(memory_.get(), size());
        return {header.bytes().size(), written.subspan(begin, cut - begin), large_, written.subspan(cut),
                large_.empty() ? Object() : message};
    }

    /// Gives back the memory of a long message.
    void clear() noexcept {
        if (capacity_ <= kKept) return;
        memory_.reset();
        capacity_ = 0;
    }

private:
    static constexpr std::size_t kKept = std::size_t{2} * 1024 * 1024;
    static constexpr std::size_t kLeast = 256;
    static constexpr std::size_t kHeaderRoom = 12;  // of a frame's longest

    struct Free {
        void operator()(std::byte* memory) const noexcept { std::free(memory); }
    };

    void grow(std::size_t more) override { show(size(), more); }

    void write_grown(const void* data, std::size_t bytes) override {
        if (bytes <= kLongestCopy || !large_.empty()) return Sink::write_grown(data, bytes);
        cut_ = size();
        large_ = {static_cast<const std::byte*>(data), bytes};
    }

    // A window with room for so much, and never for a large part, whose writing would not be noticed.
    void show(std::size_t written, std::size_t more = 0) {
        const std::size_t least = written + std::max(more, kLeast);
        if (least > capacity_) {
            const std::size_t wanted = std::max(least, capacity_ + capacity_ / 2);
            void* const moved = std::realloc(memory_.get(), wanted);
            if (!moved) throw std::bad_alloc();
            static_cast<void>(memory_.release());
            memory_.reset(static_cast<std::byte*>(moved));
            capacity_ = wanted;
        }
        set_window(memory_.get(), written, std::min(capacity_, written + std::max(more, kLongestCopy)));
    }

    std::unique_ptr<std::byte, Free> memory_;
    std::size_t capacity_ = 0;
    std::size_t cut_ = 0;  // where the large part belongs
    std::span<const std::byte> large_{};
};

}  // namespace cohort::manager
