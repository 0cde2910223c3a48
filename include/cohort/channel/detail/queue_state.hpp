// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/function_ref.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/source.hpp>
#include <cohort/shm/shared_handle.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace cohort::channel {
class MemoryEvent;
class QueueEnd;
}  // namespace cohort::channel

namespace cohort::serial {
class GrowingMessage;
}

namespace cohort::channel::detail {

/// A queue of bytes: what Queue<T> is, whatever T is. A plain item is its bytes, in the cell; another one is a message,
/// in the cell or in a block of the arena.
class COHORT_API QueueState : public shm::SharedHandle {
public:
    /// Where an item is read: the bytes of a plain one, or a message.
    using ReadPlain = cohort::detail::FunctionRef<void(const std::byte*)>;
    using ReadMessage = cohort::detail::FunctionRef<void(serial::Source&)>;
    using WriteMessage = cohort::detail::FunctionRef<void(serial::Sink&)>;

    /// A new queue.
    /// @param maxsize     how many items there may be; 0 or less: no bound
    /// @param plain_size  the size of a plain item; 0: messages
    /// @param joinable    whether task_done() and join() may be called
    QueueState(std::ptrdiff_t maxsize, std::size_t plain_size, bool joinable);
    /// The queue that a message named; for codecs.
    explicit QueueState(std::shared_ptr<shm::Object> object);

    /// False: the time is up. @throws ValueError  closed
    bool put_plain(const void* item, Timeout timeout) const;
    /// Takes the oldest item into this memory. False: the time is up. @throws EofError  closed, and nothing is left
    bool take_plain(void* item, Timeout timeout) const;
    bool put_message(WriteMessage write, Timeout timeout) const;
    /// Puts up to `count` plain items that lie one after the other. Returns how many.
    std::size_t put_plain_many(const void* items, std::size_t count, Timeout timeout) const;

    /// How many items were read: up to `most`, none if the time is up.
    /// @throws EofError  closed, and nothing is left
    std::size_t get_plain(ReadPlain read, std::size_t most, Timeout timeout) const;
    /// More of them, of those that are there. None also at the end of the queue: who has taken some gets those.
    std::size_t get_more_plain(ReadPlain read, std::size_t most) const;
    /// False: the time is up. @throws EofError  as get_plain()
    /// @param growing  begun while the message was being written, if that is worth it: then `read` gets the rest
    bool get_message(ReadMessage read, Timeout timeout, serial::GrowingMessage* growing = nullptr) const;
    /// The next one, if there is one. False also at the end of the queue: who has taken some gets those.
    bool get_another_message(ReadMessage read) const;

    std::size_t qsize() const;
    bool empty() const { return qsize() == 0; }
    /// Whether it is worth a look: false if there is no item or the oldest is being put. A few loads.
    bool readable() const;
    bool full() const;
    /// The bound; 0: none.
    std::size_t maxsize() const;
    bool closed() const;
    /// @throws ValueError  closed
    void check_open() const;
    void close(bool immediate) const;
    std::size_t lost() const;

    /// @throws ValueError  nobody has taken an item that is not done
    void task_done() const;
    /// False: the time is up.
    bool join(Timeout timeout) const;

    /// For wait(). @throws ValueError  the handle was moved from
    std::shared_ptr<MemoryEvent> event() const;

    [[noreturn]] static void throw_full();
    [[noreturn]] static void throw_empty();

private:
    QueueEnd& end() const;

    std::shared_ptr<QueueEnd> end_;
};

}  // namespace cohort::channel::detail
