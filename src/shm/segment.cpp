// SPDX-License-Identifier: MIT
#include "shm/segment.hpp"

#include "os/memfd.hpp"

#include <atomic>
#include <stdexcept>
#include <string>
#include <utility>

namespace cohort::shm {

namespace {

constexpr std::uint64_t kMagic = 0x544d474553544843;  // "CHTSEGMT"
constexpr std::uint32_t kVersion = 1;

std::size_t whole_pages(std::size_t bytes) {
    return (bytes + os::page_size() - 1) / os::page_size() * os::page_size();
}

}  // namespace

struct Segment::Header {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t unused;
    std::uint64_t bytes;
    std::atomic<std::uint64_t> carved;  // the first offset that is nobody's
};

Segment::Segment(Descriptor descriptor, os::Mapping mapping) noexcept
    : descriptor_(std::move(descriptor)), mapping_(std::move(mapping)) {}

Segment::Header& Segment::header() const noexcept {
    return *std::launder(at<Header>(0));
}

Segment Segment::create(const char* name, std::size_t bytes) {
    bytes = whole_pages(bytes) + kFirstOffset;
    Descriptor descriptor = os::memfd_create(name);
    os::resize(descriptor.get(), bytes);
    auto mapping = os::Mapping::map_shared(descriptor.get(), bytes);
    mapping.populate(0, kFirstOffset);
    Segment segment(std::move(descriptor), std::move(mapping));
    new (segment.at<Header>(0)) Header{kMagic, kVersion, 0, bytes, {kFirstOffset}};
    return segment;
}

Segment Segment::attach(Descriptor descriptor) {
    const std::size_t bytes = os::size(descriptor.get());
    if (bytes < kFirstOffset) throw std::runtime_error("cohort: the descriptor is no shared segment");
    auto mapping = os::Mapping::map_shared(descriptor.get(), bytes);
    Segment segment(std::move(descriptor), std::move(mapping));
    const Header& header = segment.header();
    if (header.magic != kMagic || header.version != kVersion || header.bytes != bytes)
        throw std::runtime_error("cohort: the descriptor is no shared segment of layout version " +
                                 std::to_string(kVersion));
    return segment;
}

std::size_t Segment::carve(std::size_t bytes, std::size_t alignment) {
    std::uint64_t end = header().carved.load(std::memory_order_relaxed);
    for (;;) {
        const std::size_t offset = (end + alignment - 1) & ~(alignment - 1);
        if (offset > size() || bytes > size() - offset) throw std::bad_alloc();
        if (header().carved.compare_exchange_weak(end, offset + bytes, std::memory_order_relaxed)) return offset;
    }
}

void Segment::populate(std::size_t offset, std::size_t bytes) const {
    mapping_.populate(offset, bytes);
}

}  // namespace cohort::shm
