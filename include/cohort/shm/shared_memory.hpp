// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/function_ref.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>

namespace cohort {

/// A number of bytes, made from an integer of any type: one that is negative or too large is an error where it is used,
/// not another number.
class ByteCount {
public:
    /// @param bytes  any integer
    template <std::integral Integer>
    constexpr ByteCount(Integer bytes) noexcept
        : magnitude_(static_cast<std::uint64_t>(bytes)), negative_(bytes < Integer{}) {}

    /// Whether the integer was below zero.
    constexpr bool negative() const noexcept { return negative_; }
    /// The integer, if it was not negative.
    constexpr std::uint64_t value() const noexcept { return magnitude_; }

private:
    std::uint64_t magnitude_;
    bool negative_;
};

/// How to make or find a SharedMemory. The order of the members is API.
struct SharedMemoryOptions {
    bool create = false;  ///< make a new segment; it is an error if the name is taken
    ByteCount size = 0;   ///< of a new segment, in bytes, at least 1; an existing one has its own
    std::string name{};   ///< without slashes, at most 255 bytes; empty: a new segment gets a name that nobody has
    bool track = true;    ///< a new segment is unlinked at the latest when this tree of processes has ended
};

/// The bytes of a SharedMemory: a contiguous range that keeps them mapped, also when the SharedMemory is closed.
///
/// Thread safety: as memory. Several processes see the same bytes: use locks or atomic operations.
class SharedBuffer {
public:
    /// Iterators are pointers.
    using iterator = std::byte*;

    /// The first byte; aligned to a page.
    std::byte* data() const noexcept { return bytes_.get(); }
    /// How many there are.
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    iterator begin() const noexcept { return data(); }
    iterator end() const noexcept { return data() + size_; }
    /// The byte at `index`, which is below size().
    std::byte& operator[](std::size_t index) const noexcept { return data()[index]; }

    /// The same bytes without the hold on them, for what buf() returns; one with a name becomes a span as every range
    /// does. Valid while some SharedBuffer or an open SharedMemory has them.
    operator std::span<std::byte>() const&& noexcept { return {data(), size_}; }

private:
    friend class SharedMemory;
    SharedBuffer(std::shared_ptr<std::byte> bytes, std::size_t size) noexcept : bytes_(std::move(bytes)), size_(size) {}

    std::shared_ptr<std::byte> bytes_;
    std::size_t size_;
};

/// A segment of memory with a name, by which other programs find it too: Python's
/// `multiprocessing.shared_memory.SharedMemory` opens what this makes, and the other way round.
///
/// A handle: copies stand for the same segment; sent to another process it is opened there by its name. The memory is
/// reserved when the segment is made, so that writing to it never fails, and is all zero. It lives until its name is
/// gone and nobody has it mapped. The name goes with unlink(), and otherwise when the last process has ended of the
/// tree that made it, however it ends; not with `.track = false`. Opening a segment never makes its name go.
/// A program that is the first process of a PID namespace (a container's only program) unlinks its names itself: when
/// it ends, the kernel ends every other process there, the one that keeps the names among them. Python up to 3.12 is
/// not so: there, who attaches unlinks at its own exit (`track=False` since 3.13 prevents it).
///
/// Thread safety: safe; the bytes are memory as any other.
/// FORK: the child has the same segment mapped, and closes its own.
/// DEATH: a process that is killed leaves a segment that is complete, or none.
class COHORT_API SharedMemory {
public:
    /// Makes or opens a segment.
    /// @throws ValueError         the size of a new segment is zero or negative; no name and not `.create`; a name with
    ///                            a zero byte
    /// @throws std::system_error  EEXIST: `.create`, and the name is taken; ENOENT: no such name; ENOSPC: no room in
    ///                            /dev/shm; EFBIG: over RLIMIT_FSIZE; others name the call. Nothing is left then
    explicit SharedMemory(const SharedMemoryOptions& options);
    SharedMemory(const SharedMemory&) = default;  // and no move: there is no empty handle
    SharedMemory& operator=(const SharedMemory&) = default;
    ~SharedMemory() = default;

    /// The bytes. Those of an existing segment are as many as it has.
    /// @throws ValueError  closed
    SharedBuffer buf() const;

    /// The name, without a slash.
    const std::string& name() const noexcept;

    /// How many bytes it has, also when it is closed.
    std::size_t size() const noexcept;

    /// Ends the use of the segment by this process: by this handle and its copies. Buffers that buf() gave keep the
    /// memory mapped. Again: does nothing.
    void close() noexcept;

    /// Takes the name away: nobody can open the segment any more; who has it mapped keeps it. A new segment may have
    /// the name at once. For one of the processes that use it to call.
    /// @throws std::system_error  ENOENT: the name is gone already; others
    void unlink();

    /// Makes a segment whose first content is `fill`'s: nobody sees it before.
    /// @param options  `.create` is taken as true
    /// @param fill     called once, before the segment has its name
    static SharedMemory create_filled(const SharedMemoryOptions& options,
                                      detail::FunctionRef<void(std::span<std::byte>)> fill);

    /// `SharedMemory('cohort_0123abcd', size=10)`, as Python's repr.
    friend COHORT_API std::ostream& operator<<(std::ostream& out, const SharedMemory& memory);

private:
    struct State;
    struct Made {};  // else `{}` would also be a state
    SharedMemory(Made, std::shared_ptr<State> state) noexcept;

    std::shared_ptr<State> state_;
};

}  // namespace cohort
