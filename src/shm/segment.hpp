// SPDX-License-Identifier: MIT
#pragma once

#include "os/mapping.hpp"

#include <cohort/os/descriptor.hpp>

#include <cstddef>
#include <cstdint>
#include <new>

namespace cohort::shm {

/// Anonymous memory that several processes map: a sparse memfd, mapped whole. It takes memory only where it was
/// populated or touched, so it may be reserved large. Things in it are named by their offset, which is the same in each
/// process.
///
/// Layout: a page of its own (magic, version, sizes), then what carve() gave out.
///
/// Thread safety: all functions.
/// FORK: the child has the same memory at the same address.
/// DEATH: the memory is freed with its last mapping and descriptor.
class Segment {
public:
    /// Offset 0 is nothing's; things begin here.
    static constexpr std::size_t kFirstOffset = 4096;

    Segment() noexcept = default;
    /// New memory.
    /// @param name stands in /proc/<pid>/maps
    /// @param bytes what can ever be carved; rounded up to pages
    /// @throws std::system_error, EFBIG if it is over RLIMIT_FSIZE
    static Segment create(const char* name, std::size_t bytes);
    /// The same memory in another process.
    /// @param descriptor owned by the segment from now on
    /// @throws std::runtime_error if it is no segment or has another layout version
    static Segment attach(Descriptor descriptor);

    /// A range that nobody else has, for good. Takes no memory yet, and reads as zeros.
    /// @param alignment a power of two, at most a page
    /// @throws std::bad_alloc when the segment is used up
    std::size_t carve(std::size_t bytes, std::size_t alignment = 128);

    /// The memory at an offset.
    template <class T = std::byte>
    T* at(std::size_t offset) const noexcept {
        return reinterpret_cast<T*>(mapping_.data() + offset);
    }
    std::size_t offset_of(const void* address) const noexcept {
        return static_cast<std::size_t>(static_cast<const std::byte*>(address) - mapping_.data());
    }
    std::size_t size() const noexcept { return mapping_.size(); }

    /// Gives memory to the pages of a range, so that touching them cannot fail any more.
    /// @throws std::system_error with ENOMEM, where a touch would raise SIGBUS
    void populate(std::size_t offset, std::size_t bytes) const;
    /// Gives the memory of the whole pages in a range back to the kernel. They read as zeros.
    void discard(std::size_t offset, std::size_t bytes) const { mapping_.discard(offset, bytes); }

    /// For children that run a fresh image; owned by the segment.
    const Descriptor& descriptor() const noexcept { return descriptor_; }
    explicit operator bool() const noexcept { return static_cast<bool>(mapping_); }

private:
    struct Header;
    Segment(Descriptor descriptor, os::Mapping mapping) noexcept;
    Header& header() const noexcept;

    Descriptor descriptor_;
    os::Mapping mapping_;
};

}  // namespace cohort::shm
