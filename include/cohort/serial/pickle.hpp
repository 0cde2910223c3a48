// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/serial/object.hpp>
#include <cohort/serial/sink.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// Python's pickle, of data only: no name in a message is ever looked up, nothing is called.
namespace cohort::pickle {

/// What a message may cost that comes from elsewhere.
struct Limits {
    int depth = Object::kMaxDepth;         ///< levels of nesting
    std::size_t integer_bytes = 1U << 20;  ///< of one int
    /// How large the value may be with every part counted as often as it occurs, in units of a part or 16 bytes:
    /// so much, and `growth` times the message's length. A message can name a part that it has sent before.
    std::size_t parts = 1U << 22;
    /// Parts for each byte of the pickle.
    std::size_t growth = 16;
};

/// The bytes of a pickle of protocol 4, as Python 3.4 and later load it.
/// A list, dict or other part that a message held in several places is one object in Python again, as it was.
COHORT_API std::vector<std::byte> dumps(const Object& object);

/// Appends them to a sink.
COHORT_API void dump(serial::Sink& sink, const Object& object);

/// The value of a pickle of any protocol, 0 to 5.
/// @throws SerializationError  the bytes are no pickle, go on behind it, are beyond a limit, hold a value that contains
/// itself, or need code of Python's to be understood; the text names the offset, the opcode and why
COHORT_API Object loads(std::span<const std::byte> bytes, const Limits& limits = {});

}  // namespace cohort::pickle
