// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/pointer_free.hpp>
#include <cohort/base/pull_iterator.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/channel/detail/queue_state.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/serial/growing_message.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace cohort {

/// A queue between threads and processes, first in, first out, as `multiprocessing.Queue`, without a feeder thread:
/// when put() returns, the item is in the queue. A copy is the same queue, here and in other processes.
///
/// @tparam T  what can be sent, see serial::Serializable; trivially copyable types without pointers are sent as they
///            lie in memory, unless they have functions of their own. Checked where put() and get() are compiled
///
/// An item may hold connections and descriptors: a background process of the program keeps them until they are taken,
/// also when the sender has ended. A get() that has no room for them (EMFILE) loses the item.
///
/// Thread safety: safe, also between processes. FORK: the child shares the queue.
/// DEATH: of a process in a call: at most the item in its hands is lost (lost() counts those that were being got), and
/// nobody waits longer than 100 ms for it. The others go on.
template <class T>
class Queue : public channel::detail::QueueState {
    // Bytes that mean the same everywhere need no codec.
    static constexpr bool is_plain() {
        if constexpr (std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T> && sizeof(T) <= 1024 &&
                      alignof(T) <= 8)
            return cohort::detail::is_pointer_free<T>() && !serial::has_functions_v<T>;
        else
            return false;
    }
    static constexpr bool kPlain = is_plain();

public:
    /// @param maxsize  how many items there may be; 0 or less: as many as there is memory for
    /// @throws std::bad_alloc, std::system_error  there is no memory for it
    explicit Queue(std::ptrdiff_t maxsize) : Queue(maxsize, false) {}
    /// Without a bound.
    Queue() : Queue(0) {}
    /// The queue that a message named; for codecs.
    explicit Queue(std::shared_ptr<shm::Object> object) : QueueState(std::move(object)) {}

    /// Puts an item, waiting for room.
    /// @param block    false: do not wait
    /// @param timeout  how long to wait at most; zero or negative: not at all
    /// @throws Full                the time is up
    /// @throws ValueError          the queue is closed
    /// @throws std::bad_alloc, std::system_error  there is no memory for it
    /// What the item's own code throws leaves the queue as it was.
    void put(const T& item, bool block = true, Timeout timeout = forever) const {
        if (!try_put(item, block ? timeout : poll_once())) throw_full();
    }
    /// Put() of an item that is copied; the timeout counts for the wait for room (Full).
    void put(const T& item, Timeout timeout) const {
        if (!try_put(item, timeout)) throw_full();
    }
    /// Put() that does not wait: Full if there is no room.
    void put_nowait(const T& item) const { put(item, poll_once()); }
    /// The same; false instead of Full.
    bool try_put(const T& item, Timeout timeout = poll_once()) const {
        if constexpr (kPlain) {
            return put_plain(std::addressof(item), timeout);
        } else {
            return put_message([&](serial::Sink& sink) { serial::write_message(sink, item); }, timeout);
        }
    }

    /// Takes the oldest item, waiting for one.
    /// @throws Empty               the time is up
    /// @throws EofError            the queue is closed, and nothing is left
    /// What the item's own code throws is thrown; the item is gone, the queue whole.
    T get(bool block = true, Timeout timeout = forever) const { return get(block ? timeout : poll_once()); }
    /// Get() with a timeout (Empty).
    T get(Timeout timeout) const {
        auto item = try_get(timeout);
        if (!item) throw_empty();
        return std::move(*item);
    }
    /// Get() that does not wait: Empty if there is nothing.
    T get_nowait() const { return get(poll_once()); }
    /// The same; nothing instead of Empty.
    std::optional<T> try_get(Timeout timeout = poll_once()) const {
        std::optional<T> item;
        if constexpr (kPlain) {
            if (!take_plain(std::addressof(item.emplace()), timeout)) item.reset();
        } else {
            get_up_to(1, timeout, [&](T&& got) { item.emplace(std::move(got)); });
        }
        return item;
    }

    /// Puts items one after the other, many at a time.
    /// @param items  a range of T
    /// @returns how many were put when the time is up: all, if it waits for ever
    /// @throws as put(), also if there are none; those before the one that failed are in the queue
    template <class Range>
    std::size_t put_many(const Range& items, Timeout timeout = forever) const {
        const std::size_t count = put_range(items, timeout);
        if (count == 0) check_open();
        return count;
    }
    /// The same for items in braces.
    std::size_t put_many(std::initializer_list<T> items, Timeout timeout = forever) const {
        return put_many<std::initializer_list<T>>(items, timeout);
    }
    /// Takes items as soon as there is one, as many as are there, up to `max`.
    /// @returns none when the time is up, or max is 0
    /// What the code of an item throws is thrown; it is gone, and those that this call had got before it.
    /// @throws EofError  the queue is closed, and nothing is left
    std::vector<T> get_many(std::size_t max, Timeout timeout = forever) const {
        std::vector<T> items;
        items.reserve(std::min<std::size_t>(max, 32));
        if (max != 0) get_up_to(max, timeout, [&](T&& got) { items.push_back(std::move(got)); });
        return items;
    }

    /// Ends the queue for everyone: put() throws ValueError, get() takes what is left, then throws EofError.
    /// @param immediate  what is left is discarded
    void close(bool immediate = false) const { QueueState::close(immediate); }

    /// Python's; there is no feeder thread to wait for. They do nothing.
    void join_thread() const noexcept {}
    /// Nothing: there is no thread to cancel.
    void cancel_join_thread() const noexcept {}

    /// Takes one item after the other until the queue is closed and empty.
    using iterator = cohort::detail::PullIterator<T, const Queue>;
    iterator begin() const { return iterator(*this); }
    iterator end() const { return {}; }

protected:
    /// For derived queues: whether task_done() counts.
    Queue(std::ptrdiff_t maxsize, bool joinable) : QueueState(maxsize, kPlain ? sizeof(T) : 0, joinable) {}

private:
    using QueueState::check_open;
    using QueueState::join;
    using QueueState::readable;
    using QueueState::task_done;

    static constexpr Timeout poll_once() noexcept { return std::chrono::seconds(0); }

    template <class Range>
    std::size_t put_range(const Range& items, Timeout timeout) const {
        if constexpr (kPlain && requires {
                          { std::data(items) } -> std::convertible_to<const T*>;
                          std::size(items);
                      }) {
            return put_plain_many(std::data(items), std::size(items), timeout);
        } else {
            const Deadline deadline(timeout);
            std::size_t count = 0;
            for (const auto& item : items) {
                if (!try_put(item, deadline.timeout())) break;
                ++count;
            }
            return count;
        }
    }

    template <class Use>
    void get_up_to(std::size_t most, Timeout timeout, Use use) const {
        if constexpr (kPlain) {
            const auto read = [&](const std::byte* bytes) {
                T item;
                std::memcpy(std::addressof(item), bytes, sizeof(T));
                use(std::move(item));
            };
            std::size_t got = get_plain(read, most, timeout);
            while (got != 0 && got != most && readable()) {
                const std::size_t more = get_more_plain(read, most - got);
                if (more == 0) return;
                got += more;
            }
        } else if constexpr (serial::can_grow_v<T>) {
            serial::GrowingMessageOf<T> growing;
            const auto read = [&](serial::Source& source) { return growing.read(source); };
            get_messages(read, most, timeout, &growing, use);
        } else {
            const auto read = [](serial::Source& source) { return serial::read_message<T>(source); };
            get_messages(read, most, timeout, nullptr, use);
        }
    }

    // One by one: what the code of one item throws leaves those behind it in the queue.
    template <class Read, class Use>
    void get_messages(Read read, std::size_t most, Timeout timeout, serial::GrowingMessage* growing, Use& use) const {
        const auto read_whole = [&](serial::Source& source) {
            T item = read(source);
            source.expect_end();
            use(std::move(item));
        };
        if (!get_message(read_whole, timeout, growing)) return;
        for (std::size_t i = 1; i != most && readable(); ++i)
            if (!get_another_message(read_whole)) return;
    }

    friend iterator;
    // For it: nothing at the end.
    std::optional<T> pull() const {
        std::optional<T> item;
        try {
            get_up_to(1, forever, [&item](T&& got) { item.emplace(std::move(got)); });
        } catch (const EofError&) {
            // The end of the range.
        }
        return item;
    }
};

/// As `multiprocessing.SimpleQueue`: the same without a bound.
template <class T>
class SimpleQueue : public Queue<T> {
public:
    SimpleQueue() : Queue<T>(0) {}
    /// The queue that a message named; for codecs.
    explicit SimpleQueue(std::shared_ptr<shm::Object> object) : Queue<T>(std::move(object)) {}
};

/// A queue that can wait until everything that was put is done, as `multiprocessing.JoinableQueue`: who takes an item
/// calls task_done() when it has worked on it.
///
/// Thread safety, FORK: as Queue.
/// DEATH: items that a process had taken and not yet done when it ended, in whatever way, count as done and in lost():
/// join() returns. An item whose own code throws in get() is done, too.
template <class T>
class JoinableQueue : public Queue<T> {
public:
    /// As Queue.
    explicit JoinableQueue(std::ptrdiff_t maxsize) : Queue<T>(maxsize, true) {}
    JoinableQueue() : JoinableQueue(0) {}
    /// The queue that a message named; for codecs.
    explicit JoinableQueue(std::shared_ptr<shm::Object> object) : Queue<T>(std::move(object)) {}

    /// One item that was taken is done: one that this process took, or else one that another one took.
    /// @throws ValueError  no item that was taken is open. Python also counts items that are still in the queue.
    void task_done() const { channel::detail::QueueState::task_done(); }
    /// Waits until every item that was put was taken and is done, or is lost.
    /// @param timeout  how long to wait at most
    /// @returns false if the time is up
    bool join(Timeout timeout = forever) const { return channel::detail::QueueState::join(timeout); }
};

}  // namespace cohort
