// SPDX-License-Identifier: MIT
#include "facts/identifier_counter.hpp"

#include <cstring>

namespace census {

namespace {

constexpr std::size_t kFirstSlots = 4096;

// The bytes at `from`, as a number.
template <class Word>
std::uint64_t load(const char* from) noexcept {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

// Up to eight bytes as a number: two reads that may overlap, or three bytes of which some may be the same one.
std::uint64_t load_short(const char* from, std::size_t size) noexcept {
    if (size >= 4) return load<std::uint32_t>(from) << 32 | load<std::uint32_t>(from + size - 4);
    if (size == 0) return 0;
    return load<std::uint8_t>(from) << 16 | load<std::uint8_t>(from + size / 2) << 8 |
           load<std::uint8_t>(from + size - 1);
}

std::uint64_t mix(std::uint64_t state, std::uint64_t word) noexcept {
    state = (state ^ word) * 0x9e3779b97f4a7c15;
    return state ^ (state >> 29);
}

// Eight bytes at a time: names are short, and there are many.
std::uint32_t hash_of(std::string_view name) noexcept {
    const char* at = name.data();
    std::size_t left = name.size();
    std::uint64_t state = left;
    for (; left > 8; at += 8, left -= 8) state = mix(state, load<std::uint64_t>(at));
    return static_cast<std::uint32_t>(mix(state, load_short(at, left)) >> 32);
}

}  // namespace

IdentifierCounter::IdentifierCounter() : slots_(kFirstSlots) {}

void IdentifierCounter::add(std::string_view name) {
    add(name, hash_of(name), 1);
}

void IdentifierCounter::add(const IdentifierCounts& other, const IdentifierCounts::Entry& entry) {
    add(other.name(entry), entry.hash, entry.count);
}

void IdentifierCounter::know(const IdentifierCounts& other, const IdentifierCounts::Entry& entry) {
    add(other.name(entry), entry.hash, 0);
}

void IdentifierCounter::add_known(const IdentifierCounts& other, const IdentifierCounts::Entry& entry) noexcept {
    const Slot& slot = find(other.name(entry), entry.hash);
    if (slot.place != 0) counts_.entries[slot.place - 1].count += entry.count;
}

// The slot that has the name, or the free one where it belongs.
IdentifierCounter::Slot& IdentifierCounter::find(std::string_view name, std::uint32_t hash) noexcept {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
        Slot& slot = slots_[at];
        if (slot.place == 0) return slot;
        if (slot.hash == hash && counts_.name(counts_.entries[slot.place - 1]) == name) return slot;
    }
}

void IdentifierCounter::add(std::string_view name, std::uint32_t hash, std::uint64_t count) {
    Slot& slot = find(name, hash);
    if (slot.place != 0)
        counts_.entries[slot.place - 1].count += count;
    else
        append(slot, name, hash, count);
}

void IdentifierCounter::append(Slot& slot, std::string_view name, std::uint32_t hash, std::uint64_t count) {
    counts_.entries.push_back({.count = count,
                               .begin = counts_.names.size(),
                               .length = static_cast<std::uint32_t>(name.size()),
                               .hash = hash});
    counts_.names += name;
    slot = {.hash = hash, .place = static_cast<std::uint32_t>(counts_.entries.size())};
    if (2 * counts_.entries.size() > slots_.size()) grow();
}

void IdentifierCounter::grow() {
    std::vector<Slot> wider(2 * slots_.size());
    const std::size_t mask = wider.size() - 1;
    for (const Slot& slot : slots_) {
        if (slot.place == 0) continue;
        std::size_t at = slot.hash & mask;
        while (wider[at].place != 0) at = (at + 1) & mask;
        wider[at] = slot;
    }
    slots_ = std::move(wider);
}

}  // namespace census
