// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>

// Named memory travels by its name. Only declared here, so that who sends none pays for no header.
namespace cohort {
class SharedMemory;
class ShareableList;
}  // namespace cohort

namespace cohort::serial {

template <class T>
struct Codec;
class Sink;
class Source;

/// A segment is opened by its name where it arrives. Reading throws std::system_error with ENOENT if it is gone, and
/// SerializationError unless the source is trusted: only processes of one tree may name each other's memory.
template <>
struct COHORT_API Codec<SharedMemory> {
    /// Writes the name.
    static void write(Sink& sink, const SharedMemory& memory);
    /// Opens the segment.
    static SharedMemory read(Source& source);
};

/// The same for a list.
template <>
struct COHORT_API Codec<ShareableList> {
    /// Writes the name.
    static void write(Sink& sink, const ShareableList& list);
    /// Opens the segment.
    static ShareableList read(Source& source);
};

}  // namespace cohort::serial
