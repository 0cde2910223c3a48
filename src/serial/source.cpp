// SPDX-License-Identifier: MIT
#include <cohort/base/errors.hpp>
#include <cohort/serial/source.hpp>

#include "serial/shared_objects.hpp"

#include <string>

namespace cohort::serial {

Source::Source(std::span<const std::byte> bytes, Trust trust) noexcept
    : at_(bytes.data()), end_(bytes.data() + bytes.size()), trust_(trust) {}
Source::~Source() = default;

detail::ReadObjects& Source::shared() {
    if (!shared_) shared_ = std::make_unique<detail::ReadObjects>();
    return *shared_;
}

void Source::forget_shared() noexcept {
    shared_.reset();
}

void Source::fail_left_over() const {
    throw SerializationError("", "a message has " + std::to_string(left()) + " bytes too many");
}

void Source::fail_past_end(std::size_t wanted) const {
    throw SerializationError("", "a message ends too early: " + std::to_string(wanted) + " bytes wanted, " +
                                     std::to_string(left()) + " left");
}

void Source::fail_too_deep() {
    --depth_;
    throw SerializationError("", "a message nests more than " + std::to_string(kMaxDepth) + " levels deep");
}

}  // namespace cohort::serial
