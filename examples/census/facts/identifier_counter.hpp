// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace census {

/// How often each identifier occurs, in the form that travels between processes: two blocks of memory, whatever the
/// number of names.
struct IdentifierCounts {
    struct Entry {
        std::uint64_t count = 0;
        std::uint64_t begin = 0;  ///< where the name begins in `names`
        std::uint32_t length = 0;
        std::uint32_t hash = 0;  ///< of the name, for other tables that it goes into
    };
    std::string names{};           ///< all names, one after the other
    std::vector<Entry> entries{};  ///< in the order of first occurrence

    std::string_view name(const Entry& entry) const noexcept { return {names.data() + entry.begin, entry.length}; }
};

/// A hash table from names to counts: IdentifierCounts and the open-addressed slots that find a name in them.
class IdentifierCounter {
public:
    IdentifierCounter();

    /// Counts one occurrence.
    void add(std::string_view name);
    /// Adds an entry of `other`.
    void add(const IdentifierCounts& other, const IdentifierCounts::Entry& entry);
    /// Makes the name of an entry of `other` known, without its count.
    void know(const IdentifierCounts& other, const IdentifierCounts::Entry& entry);
    /// Adds an entry of `other` if its name is known.
    void add_known(const IdentifierCounts& other, const IdentifierCounts::Entry& entry) noexcept;

    const IdentifierCounts& counts() const noexcept { return counts_; }
    IdentifierCounts take() && noexcept { return std::move(counts_); }

private:
    struct Slot {
        std::uint32_t hash = 0;
        std::uint32_t place = 0;  // in entries, counted from 1; 0: a free slot
    };

    Slot& find(std::string_view name, std::uint32_t hash) noexcept;
    void add(std::string_view name, std::uint32_t hash, std::uint64_t count);
    void append(Slot& slot, std::string_view name, std::uint32_t hash, std::uint64_t count);
    void grow();

    IdentifierCounts counts_;
    std::vector<Slot> slots_;  // a power of two of them, at most half in use
};

}  // namespace census
