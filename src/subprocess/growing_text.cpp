// SPDX-License-Identifier: MIT
#include "subprocess/growing_text.hpp"

#include <cstddef>
#include <new>

namespace cohort::subprocess {

namespace {

constexpr std::size_t kLong = std::size_t{4} << 20;
constexpr std::size_t kGrowth = 8;

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
    const bool fits = text.capacity() - text.size() >= more.size();
    if (!fits && text.size() >= kLong) move_to_more_room(text);
    text.append(more);
}

}  // namespace cohort::subprocess
