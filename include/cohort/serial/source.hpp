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
class ReadObjects;
}

/// Whether the bytes of a Source come from a process that is allowed to name code to run.
enum class Trust : bool {
    none,     ///< from anywhere: only data is accepted
    channel,  ///< a private channel (shared memory, an inherited descriptor) or an authenticated one
};

/// The rest of a message that comes in parts.
class COHORT_API Rest {
public:
    virtual ~Rest() = default;
    Rest(const Rest&) = delete;
    Rest& operator=(const Rest&) = delete;

    /// Waits for the next part. @param left  how many bytes are still to come
    /// @returns some of them; valid until the next call
    virtual std::span<const std::byte> next(std::size_t left) = 0;

protected:
    Rest() = default;
};

/// The bytes of a message, read from front to end. Never gives a byte that is not there, whatever the bytes are.
///
/// Thread safety: one thread at a time. The bytes stay the caller's and must outlive the source.
class COHORT_API Source {
public:
    /// @param trust  whether code that the bytes name may be looked up
    explicit Source(std::span<const std::byte> bytes, Trust trust = Trust::none) noexcept;
    ~Source();
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    /// Copies the next `size` bytes. Throws SerializationError if fewer are left; then none was taken.
    void read(void* into, std::size_t size) {
        if (size != 0) std::memcpy(into, take(size).data(), size);
    }

    /// The next `size` bytes, in place. Throws SerializationError if fewer are left; then none was taken.
    std::span<const std::byte> take(std::size_t size) {
        if (left() < size) [[unlikely]]
            fail_past_end(size);
        const std::byte* place = at_;
        at_ += size;
        return {place, size};
    }

    /// The number of bytes that were not read yet.
    std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

    /// Whether addresses of code and names of modules are accepted from these bytes.
    bool trusted() const noexcept { return trust_ == Trust::channel; }

    /// Who brought descriptors along with this message; null where none can come.
    HandleCarrier* carrier() const noexcept { return carrier_; }
    /// The carrier stays the caller's and must outlive this; null: none.
    void set_carrier(HandleCarrier* carrier) noexcept { carrier_ = carrier; }

    /// What follows when all is read; null: nothing.
    Rest* rest() const noexcept { return rest_; }
    /// The rest stays the caller's and must outlive this.
    void set_rest(Rest* rest) noexcept { rest_ = rest; }

    /// Counts one more level of nesting. Throws SerializationError when the bytes nest too deeply for the stack.
    void enter() {
        if (++depth_ > kMaxDepth) [[unlikely]]
            fail_too_deep();
    }
    /// Ends the level that enter() counted.
    void leave() noexcept { --depth_; }

    /// The deepest nesting of containers and pointers that a message may have.
    static constexpr int kMaxDepth = 1000;

    /// Throws SerializationError if bytes are left over.
    void expect_end() const {
        if (left() != 0) [[unlikely]]
            fail_left_over();
    }

    /// Begins a value whose shared objects were written once; false if it is a part of another such value.
    bool begin_value() noexcept { return !std::exchange(in_value_, true); }
    /// Ends the value that begin_value() began.
    void end_value() noexcept {
        in_value_ = false;
        if (shared_) [[unlikely]]
            forget_shared();
    }
    /// The shared objects of the value being read.
    detail::ReadObjects& shared();

private:
    void forget_shared() noexcept;
    [[noreturn]] void fail_left_over() const;
    [[noreturn]] void fail_past_end(std::size_t wanted) const;
    [[noreturn]] void fail_too_deep();

    const std::byte* at_;
    const std::byte* end_;
    int depth_ = 0;
    bool in_value_ = false;
    Trust trust_;
    HandleCarrier* carrier_ = nullptr;
    Rest* rest_ = nullptr;
    std::unique_ptr<detail::ReadObjects> shared_;
};

}  // namespace cohort::serial
