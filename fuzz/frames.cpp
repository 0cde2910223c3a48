// SPDX-License-Identifier: MIT
// CPython's frames out of arbitrary bytes, which arrive in pieces: a message is what its header says, no byte behind it
// is taken, and no more memory is asked for than has arrived, but for a first step. The first byte says how long the
// pieces are, the second how long a message may be.
#include <cohort/base/errors.hpp>

#include "allocations.hpp"
#include "channel/network/frame.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <system_error>

namespace {

using cohort::channel::FrameReader;

/// Takes one message off the front. False: there is none.
bool read_one(FrameReader& reader, std::span<const std::byte>& bytes, std::size_t piece) {
    while (!bytes.empty()) {
        const auto room = reader.room();
        fuzz::require(!room.empty());
        const auto part = bytes.first(std::min({bytes.size(), room.size(), piece}));
        std::ranges::copy(part, room.begin());
        bytes = bytes.subspan(part.size());
        if (reader.add(part.size())) return true;
    }
    return false;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    fuzz::watch_allocations();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t piece = std::size_t{data[0]} + 1;
    const std::size_t maxlength = data[1] < 255 ? data[1] : FrameReader::kNoLimit;
    auto bytes = std::as_bytes(std::span(data, size)).subspan(2);
    fuzz::largest_allocation = 0;
    FrameReader reader;
    try {
        for (;;) {
            reader.begin(maxlength);
            const auto before = bytes;
            if (!read_one(reader, bytes, piece)) break;
            const auto message = reader.message();
            fuzz::require(message.size() <= maxlength);
            const auto taken = before.first(before.size() - bytes.size());
            fuzz::require(std::ranges::equal(taken.last(message.size()), message));
            fuzz::require(taken.size() == message.size() + 4 || taken.size() == message.size() + 12);
        }
    } catch (const cohort::ValueError&) {
    } catch (const cohort::SerializationError&) {
    } catch (const std::system_error&) {
    }
    fuzz::require(fuzz::largest_allocation <= 2 * size + FrameReader::kFirstStep + 4096);
    return 0;
}
