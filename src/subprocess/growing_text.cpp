// SPDX-License-Identifier: MIT
#include "subprocess/growing_text.hpp"

#include "os/mapping.hpp"

#include <cstddef>
#include <new>

namespace cohort::subprocess {

namespace {

constexpr std::size_t kLong = std::size_t{4} << 20;
constexpr std::size_t kGrowth = 16;

void move_to_more_room(std::string& text) {
    std::string moved;
    try {
        moved.reserve(text.capacity() * kGrowth);
    } catch (const std::bad_alloc&) {
        return;  // addresses are limited: what is needed may still be there
    }
    moved.append(text);
    text.swap(moved);
}

}  // namespace

void append_growing(std::string& text, std::string_view more) {
    const auto fits = [&] { return text.capacity() - text.size() >= more.size(); };
    if (text.size() >= kLong) {
        if (!fits()) move_to_more_room(text);
        // No more than this piece: pages that have just been cleared are in the processor's cache.
        if (fits()) os::populate_pages(text.data() + text.size() + 1, more.size());
    }
    text.append(more);
}

}  // namespace cohort::subprocess
