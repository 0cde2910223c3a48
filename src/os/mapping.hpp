// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace cohort::os {

/// Owns a range of mapped memory.
///
/// Thread safety: as memory.
/// FORK: shared mappings are the same memory in the child, private ones a copy; each process unmaps its own.
class Mapping {
public:
    /// Maps nothing.
    Mapping() noexcept = default;

    /// Maps `bytes` of a file from `offset` (a multiple of the page size) for reading and writing, shared with all
    /// others. The descriptor is not needed afterwards.
    static Mapping map_shared(int descriptor, std::size_t bytes, std::size_t offset = 0);

    /// New memory, shared with the children of this process. Pages take memory when they are touched.
    static Mapping map_anonymous_shared(std::size_t bytes);

    /// New memory of this process.
    static Mapping map_anonymous_private(std::size_t bytes);

    Mapping(Mapping&& other) noexcept;
    Mapping& operator=(Mapping&& other) noexcept;
    ~Mapping() { unmap(); }

    std::byte* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }
    explicit operator bool() const noexcept { return data_ != nullptr; }

    /// Gives memory to a range of pages, so that touching them cannot fail any more. Their content stays.
    /// @throws std::system_error with ENOMEM if there is not enough memory (a touch would raise SIGBUS)
    void populate(std::size_t offset, std::size_t bytes) const;

    /// Gives the memory of the whole pages in a range of shared memory back to the kernel; they read as zeros.
    void discard(std::size_t offset, std::size_t bytes) const;

    /// In children, private memory is zero instead of a copy.
    void wipe_on_fork() const;

    void unmap() noexcept;

private:
    Mapping(void* data, std::size_t size) noexcept : data_(static_cast<std::byte*>(data)), size_(size) {}

    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

/// The size of a page in bytes.
std::size_t page_size() noexcept;

/// Tells the kernel that large pages suit this memory of the program, which is about to be written: fewer page faults.
/// A hint; only whole pages of it count.
void suggest_large_pages(void* memory, std::size_t bytes) noexcept;

/// Gives memory to the pages that begin in a range of the program's, which is about to be written: one call instead of
/// a page fault for each. A hint; their content stays.
void populate_pages(void* memory, std::size_t bytes) noexcept;

}  // namespace cohort::os
