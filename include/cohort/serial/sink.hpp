// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

namespace cohort::serial {

class HandleCarrier;
namespace detail {
class WrittenObjects;
}

/// Where the bytes of a message go: a window of memory that an implementation makes larger when it is full.
///
/// Thread safety: one thread at a time.
/// Invariants: 1. begin <= at <= end of the window, all in one object of memory. 2. What was written stays at its
/// offset; the address of a byte may change with each call that writes.
class COHORT_API Sink {
public:
    virtual ~Sink();
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;

    /// Appends `size` bytes. Throws what grow() throws; then nothing was appended.
    void write(const void* data, std::size_t size) {
        if (room() < size) [[unlikely]]
            return write_grown(data, size);
        if (size != 0) std::memcpy(reserve(size), data, size);
    }

    /// Appends `size` bytes for the caller to fill before its next call on this sink.
    std::byte* reserve(std::size_t size) {
        if (room() < size) [[unlikely]]
            grow(size);
        std::byte* place = at_;
        at_ += size;
        return place;
    }

    /// The number of bytes written so far.
    std::size_t size() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

    /// Who takes descriptors along with this message; null where none can go.
    HandleCarrier* carrier() const noexcept { return carrier_; }
    /// The carrier stays the caller's and must outlive this; null: none.
    void set_carrier(HandleCarrier* carrier) noexcept { carrier_ = carrier; }

    /// Counts one more level of nesting. Throws SerializationError at a depth that no Source reads back.
    void enter() {
        if (++depth_ > kMaxDepth) [[unlikely]]
            fail_too_deep();
    }
    /// Ends the level that enter() counted.
    void leave() noexcept { --depth_; }

    /// The deepest nesting of containers and pointers that a message may have.
    static constexpr int kMaxDepth = 1000;

    /// Begins a value whose shared objects are written once; false if it is a part of another such value.
    bool begin_value() noexcept { return !std::exchange(in_value_, true); }
    /// Ends the value that begin_value() began.
    void end_value() noexcept {
        in_value_ = false;
        if (shared_) [[unlikely]]
            forget_shared();
    }
    /// The shared objects of the value being written.
    detail::WrittenObjects& shared();

protected:
    Sink() noexcept;

    /// Makes room for at least `more` bytes behind what was written, and calls set_window(). Throws if it cannot.
    virtual void grow(std::size_t more) = 0;

    /// Appends the bytes of a write() for which there was no room. A sink whose message goes in parts may send them.
    virtual void write_grown(const void* data, std::size_t size);

    /// Copies bytes of a write() for which there was no room to their place in the window that grow() has set. A sink
    /// whose message is read while it is being written tells the reader how far it is.
    virtual void copy(std::byte* to, const void* from, std::size_t size) noexcept;

    /// @param begin the first byte of the message
    /// @param written how many bytes of it are already there
    /// @param capacity how many bytes may be there
    void set_window(std::byte* begin, std::size_t written, std::size_t capacity) noexcept {
        begin_ = begin;
        at_ = begin + written;
        end_ = begin + capacity;
    }

private:
    std::size_t room() const noexcept { return static_cast<std::size_t>(end_ - at_); }
    [[noreturn]] void fail_too_deep();
    void forget_shared() noexcept;

    std::byte* begin_ = nullptr;
    std::byte* at_ = nullptr;
    std::byte* end_ = nullptr;
    int depth_ = 0;
    bool in_value_ = false;
    HandleCarrier* carrier_ = nullptr;
    std::unique_ptr<detail::WrittenObjects> shared_;
};

/// A sink in this process's own memory.
class COHORT_API BufferSink final : public Sink {
public:
    BufferSink() noexcept;
    ~BufferSink() override;

    /// The bytes written so far; valid until the next call that writes.
    std::span<const std::byte> bytes() const noexcept { return {memory_.get(), size()}; }

    /// Forgets what was written and keeps the memory for the next message.
    void clear() noexcept { set_window(memory_.get(), 0, capacity_); }

private:
    struct Free {
        void operator()(std::byte* memory) const noexcept;
    };

    void grow(std::size_t more) override;

    std::unique_ptr<std::byte, Free> memory_;
    std::size_t capacity_ = 0;
};

}  // namespace cohort::serial
