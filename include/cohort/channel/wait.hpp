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

namespace cohort::channel {
class MemoryEvent;
class WaitCall;
}  // namespace cohort::channel
namespace cohort::channel::detail {
class QueueState;
}

namespace cohort {

/// Something that wait() can wait for: a connection, a queue, a process, a sentinel or another descriptor. It converts
/// from them, and is compared with them.
///
/// It refers to what it was made from: a process or a descriptor must stay while it is waited for. A connection or a
/// queue is kept.
/// Thread safety: a value.
class COHORT_API Waitable {
public:
    /// Ready when there is something to receive, or the end.
    /// @throws ValueError  the connection is closed
    Waitable(const Connection& connection);  // NOLINT(google-explicit-constructor): a list of anything

    /// A Queue or SimpleQueue. Ready when get() would not wait: there is an item, or the queue is closed.
    /// @throws ValueError  the queue was moved from
    Waitable(const channel::detail::QueueState& queue);  // NOLINT(google-explicit-constructor)

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

    /// Whatever has a descriptor to wait for: a Listener is ready when accept() has something to do.
    /// Throws what `fileno()` throws, for a listener that is closed.
    template <class T>
    requires requires(const T& object) {
        { object.fileno() } -> std::same_as<int>;
    }
    Waitable(const T& object) : Waitable(object.fileno()) {}  // NOLINT(google-explicit-constructor)

    /// What is waited for; -1 for a queue, which has no descriptor.
    int descriptor() const noexcept { return descriptor_; }

    /// Whether both are the same connection, queue, process or descriptor.
    friend COHORT_API bool operator==(const Waitable& one, const Waitable& other) noexcept;

private:
    friend class channel::WaitCall;

    int descriptor_;
    std::shared_ptr<channel::End> end_;
    std::shared_ptr<channel::MemoryEvent> event_;
};

/// Waits until at least one of the objects is ready (multiprocessing.connection.wait).
/// Queues have no descriptors: to wait for them together with something that has one, or for more than 127 of them, the
/// call has a thread of its own, unless something is ready at once.
/// @returns those that are ready, in the order given; none when the time is up. The end of a pipe or of a queue counts
///          as ready. Others may take what was seen: then a get() or recv() waits after all.
/// @throws ValueError         a connection was closed meanwhile
/// @throws std::system_error  EBADF for a descriptor that is not open; what is missing for the thread (EAGAIN, EMFILE)
/// Thread safety: safe.
/// DEATH: of a process that was putting an item: what others have put is seen at most 100 ms later.
COHORT_API std::vector<Waitable> wait(const std::vector<Waitable>& objects, Timeout timeout = forever);

/// The same for a list in braces; one of AsyncResults of one type goes to the wait() of <cohort/pool/as_completed.hpp>.
inline std::vector<Waitable> wait(std::initializer_list<Waitable> objects, Timeout timeout = forever) {
    return wait(std::vector<Waitable>(objects), timeout);
}

/// The same for a container of them. A queue is no container: it is waited for as `wait({queue})`.
template <class Range>
requires(!std::convertible_to<const Range&, Waitable> && !std::same_as<Range, std::vector<Waitable>> &&
         requires(const Range& objects) {
             { *objects.begin() } -> std::convertible_to<Waitable>;
             objects.end();
         }) std::vector<Waitable> wait(const Range& objects, Timeout timeout = forever) {
    return wait(std::vector<Waitable>(objects.begin(), objects.end()), timeout);
}

}  // namespace cohort
