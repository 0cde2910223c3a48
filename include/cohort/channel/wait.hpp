// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/channel/connection.hpp>
#include <cohort/os/descriptor.hpp>

#include <concepts>
#include <initializer_list>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace cohort {

/// Something that wait() can wait for: a connection, a process, a sentinel or another descriptor. It converts from
/// them, and is compared with them.
///
/// It refers to what it was made from: a process or a descriptor must stay while it is waited for.
/// Thread safety: a value.
class COHORT_API Waitable {
public:
    /// Ready when there is something to receive, or the end.
    /// @throws ValueError  the connection is closed
    Waitable(const Connection& connection);  // NOLINT(google-explicit-constructor): a list of anything

    /// Ready when it can be read without waiting: a sentinel, a socket, any open file that poll() knows.
    /// @throws ValueError  a negative number
    Waitable(int descriptor);  // NOLINT(google-explicit-constructor)
    /// The same, for a descriptor with an owner.
    Waitable(const Descriptor& descriptor) : Waitable(descriptor.get()) {}  // NOLINT(google-explicit-constructor)

    /// Whatever has a sentinel: a Process is ready when it has ended.
    /// Throws what `sentinel()` throws, for a process that was not started.
    template <class T>
    requires requires(const T& object) {
        { object.sentinel() } -> std::same_as<int>;
    }
    Waitable(const T& object) : Waitable(object.sentinel()) {}  // NOLINT(google-explicit-constructor)

    /// What is waited for.
    int descriptor() const noexcept { return descriptor_; }

    /// Whether both are the same connection, process or descriptor.
    friend bool operator==(const Waitable& one, const Waitable& other) noexcept {
        return one.end_ == other.end_ && one.descriptor_ == other.descriptor_;
    }

private:
    friend COHORT_API std::vector<Waitable> wait(const std::vector<Waitable>& objects, Timeout timeout);

    int descriptor_;
    std::shared_ptr<channel::End> end_;
};

/// Waits until at least one of the objects is ready (multiprocessing.connection.wait).
/// @returns those that are ready, in the order given; none when the time is up. The end of a pipe counts as ready.
/// @throws ValueError         a connection was closed meanwhile
/// @throws std::system_error  EBADF for a descriptor that is not open
/// Thread safety: safe.
COHORT_API std::vector<Waitable> wait(const std::vector<Waitable>& objects, Timeout timeout = forever);

/// The same for a list in braces.
inline std::vector<Waitable> wait(std::initializer_list<Waitable> objects, Timeout timeout = forever) {
    return wait(std::vector<Waitable>(objects), timeout);
}

/// The same for a container of them.
template <class Range>
requires(!std::same_as<Range, std::vector<Waitable>> && requires(const Range& objects) {
    { *objects.begin() } -> std::convertible_to<Waitable>;
    objects.end();
}) std::vector<Waitable> wait(const Range& objects, Timeout timeout = forever) {
    return wait(std::vector<Waitable>(objects.begin(), objects.end()), timeout);
}

}  // namespace cohort
