// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>
#include <cohort/serial/sink.hpp>

#include "serial/shared_objects.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

namespace cohort::serial {

Sink::Sink() noexcept = default;
Sink::~Sink() = default;

void Sink::copy(std::byte* to, const void* from, std::size_t size) noexcept {
    std::memcpy(to, from, size);
}

void Sink::write_grown(const void* data, std::size_t size) {
    std::byte* place = reserve(size);
    copy(place, data, size);
}

detail::WrittenObjects& Sink::shared() {
    if (!shared_) shared_ = std::make_unique<detail::WrittenObjects>();
    return *shared_;
}

void Sink::forget_shared() noexcept {
    shared_.reset();
}

void Sink::fail_too_deep() {
    --depth_;
    throw SerializationError("", "a value is nested more than " + std::to_string(kMaxDepth) +
                                     " levels deep: send long chains as a container");
}

BufferSink::BufferSink() noexcept = default;
BufferSink::~BufferSink() = default;

void BufferSink::Free::operator()(std::byte* memory) const noexcept {
    std::free(memory);
}

void BufferSink::grow(std::size_t more) {
    constexpr std::size_t kSmallest = 256;
    std::size_t used = size();
    if (more > std::numeric_limits<std::size_t>::max() / 2 - used) throw std::bad_alloc();
    std::size_t wanted = std::max({used + more, capacity_ + capacity_ / 2, kSmallest});
    // realloc, unlike new, moves a large block by its pages and not by its bytes.
    void* moved = std::realloc(memory_.get(), wanted);
    if (moved == nullptr) throw std::bad_alloc();
    static_cast<void>(memory_.release());
    memory_.reset(static_cast<std::byte*>(moved));
    capacity_ = wanted;
    set_window(memory_.get(), used, capacity_);
}

}  // namespace cohort::serial
