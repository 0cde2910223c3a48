// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cohort::manager {

/// The segments of shared memory that clients of a SharedMemoryManager have made, which go with its server.
///
/// Thread safety: none; it belongs to the server's thread. DEATH: of the server: the trees of those that made them
/// remove them.
class Segments {
public:
    Segments() = default;
    ~Segments() { unlink_all(); }
    Segments(const Segments&) = delete;
    Segments& operator=(const Segments&) = delete;

    /// Whether clients call it by this name.
    static bool offers(std::string_view function) noexcept;
    /// Does what a client asks for: `track_segment`, `release_segment`, `list_segments`.
    /// @throws PythonError  ValueError: it is not tracked; TypeError
    Object call(std::string_view function, const Object& args);
    /// Takes the names away that are still there.
    void unlink_all() noexcept;

private:
    void release(std::string_view name);

    std::vector<std::string> names_;
};

}  // namespace cohort::manager
