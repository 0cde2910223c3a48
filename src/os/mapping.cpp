// SPDX-License-Identifier: MIT
#include "os/mapping.hpp"

#include "os/system_call.hpp"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace cohort::os {

namespace {

#ifndef MADV_POPULATE_WRITE
constexpr int MADV_POPULATE_WRITE = 23;
#endif

constexpr const char* kPopulate = "madvise(MADV_POPULATE_WRITE)";

std::string bytes_text(std::size_t bytes) {
    return std::to_string(bytes) + " bytes";
}

void* map(std::size_t bytes, int flags, int descriptor, std::size_t offset) {
    return checked("mmap", bytes_text(bytes), [&] {
        return ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, descriptor, static_cast<off_t>(offset));
    });
}

std::size_t round_down(std::size_t value) noexcept {
    return value & ~(page_size() - 1);
}
std::size_t round_up(std::size_t value) noexcept {
    return round_down(value + page_size() - 1);
}

/// Lets the kernel add nothing to a word of the page: it writes without a SIGBUS, and the content stays.
int touch(std::byte* page) noexcept {
    std::uint32_t nobody_waits_here = 0;
    const int add_nothing = FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_NE, 0);
    long result = uninterrupted("futex(FUTEX_WAKE_OP)", [&] {
        return ::syscall(SYS_futex, &nobody_waits_here, FUTEX_WAKE_OP, 1, nullptr, page, add_nothing);
    });
    return result < 0 ? errno : 0;
}

int touch_each_page(std::byte* begin, std::size_t bytes) noexcept {
    for (std::size_t offset = 0; offset < bytes; offset += page_size())
        if (int error = touch(begin + offset)) return error;
    return 0;
}

/// 0, or the errno.
int populate_range(std::byte* begin, std::size_t bytes) noexcept {
    if (uninterrupted(kPopulate, [&] { return ::madvise(begin, bytes, MADV_POPULATE_WRITE); }) == 0) return 0;
    return errno == EINVAL ? touch_each_page(begin, bytes) : errno;  // EINVAL: before Linux 5.14
}

}  // namespace

Mapping Mapping::map_shared(int descriptor, std::size_t bytes, std::size_t offset) {
    return {map(bytes, MAP_SHARED, descriptor, offset), bytes};
}

Mapping Mapping::map_anonymous_shared(std::size_t bytes) {
    return {map(bytes, MAP_SHARED | MAP_ANONYMOUS, -1, 0), bytes};
}

Mapping Mapping::map_anonymous_private(std::size_t bytes) {
    return {map(bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), bytes};
}

Mapping::Mapping(Mapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
    if (this != &other) {
        unmap();
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

void Mapping::populate(std::size_t offset, std::size_t bytes) const {
    if (bytes == 0) return;
    std::size_t begin = round_down(offset);
    int error = populate_range(data_ + begin, round_up(offset + bytes) - begin);
    // EFAULT is how the kernel says that a page could not be had.
    if (error) throw_error(error == EFAULT ? ENOMEM : error, kPopulate, bytes_text(bytes));
}

void Mapping::discard(std::size_t offset, std::size_t bytes) const {
    std::size_t begin = round_up(offset);
    std::size_t end = round_down(offset + bytes);
    if (begin >= end) return;
    checked("madvise(MADV_REMOVE)", bytes_text(end - begin),
            [&] { return ::madvise(data_ + begin, end - begin, MADV_REMOVE); });
}

void Mapping::wipe_on_fork() const {
    checked("madvise(MADV_WIPEONFORK)", {}, [&] { return ::madvise(data_, size_, MADV_WIPEONFORK); });
}

void Mapping::unmap() noexcept {
    if (!data_) return;
    void* data = std::exchange(data_, nullptr);
    std::size_t bytes = std::exchange(size_, 0);
    system_call("munmap", [&] { return ::munmap(data, bytes); });
}

void suggest_large_pages(void* memory, std::size_t bytes) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    const std::size_t skipped = round_up(address) - address;
    if (bytes <= skipped) return;
    const std::size_t whole = round_down(bytes - skipped);
    // Refused where the kernel has none.
    system_call("madvise(MADV_HUGEPAGE)",
                [&] { return ::madvise(static_cast<std::byte*>(memory) + skipped, whole, MADV_HUGEPAGE); });
}

void populate_pages(void* memory, std::size_t bytes) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    const std::size_t first = round_up(address);
    const std::size_t end = round_up(address + bytes);
    // Refused before Linux 5.14, and where there is no memory, which the page fault will say.
    if (first < end)
        system_call(kPopulate, [&] {
            return ::madvise(static_cast<std::byte*>(memory) + (first - address), end - first, MADV_POPULATE_WRITE);
        });
}

std::size_t page_size() noexcept {
    static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return size;
}

}  // namespace cohort::os
