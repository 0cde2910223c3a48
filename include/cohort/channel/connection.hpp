// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/base/type_name.hpp>
#include <cohort/channel/detail/message.hpp>
#include <cohort/serial/codec.hpp>

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cohort {

class Object;
namespace channel {
struct ConnectionMaker;
}

/// One end of a pipe (multiprocessing.Connection), or of a connection that a Listener or a Client made: sends and
/// receives whole messages, values of any type that the codec knows, or bytes.
///
/// A handle: a copy is the same end. Copies in one process share one descriptor, which close() closes for all of them
/// there; so does the last copy that is destroyed. Another process gets an end as an argument of a Process, or in a
/// message, and has a descriptor of its own for it.
///
/// Messages of any size: up to 52 KiB in one system call, longer ones in memory that is handed over. A sender waits
/// while the receiver is about 200 KiB, or four long messages, behind.
///
/// A connection of a Listener or a Client has CPython's frames: send_bytes() and recv_bytes() are those of a Python
/// peer, too. Values go between cohort programs, of one version, and hold data only: no handle, and no code.
///
/// An end that is moved into a Process is closed here when the child has started. A forked child that is given one end
/// only closes its inherited copy of the other, and any end that was moved into another Process. Ends that are captured
/// by reference, global, in a std::function or copied stay open, as in Python.
///
/// Thread safety: safe; several threads and processes may use one end at once. Messages stay whole, each goes to one
/// receiver. A close() lets calls of other threads finish, and later ones throw.
/// FORK: the child has every end that the parent had open, but for those named above. DEATH: a process that is killed
/// leaves no part of a message in a pipe; a connection of a Listener or Client that it had shared with others ends for
/// all of them if it died within a message; when the last process that has an end is gone, the other end comes to its
/// end (EofError). A receiver that is killed may take one message with it.
class COHORT_API Connection {
public:
    /// A closed one.
    Connection() noexcept = default;

    /// Sends a value, as a copy: handles in it stay open here.
    /// @throws ValueError          closed, or not for sending
    /// @throws SerializationError  the value cannot be sent; nothing was sent
    /// @throws std::system_error   EPIPE when nobody has the other end any more; or there is no memory or descriptor
    /// for a long message; nothing was sent
    template <class T>
    requires(!std::is_convertible_v<const T&, const char*>) void send(const T& value) const {
        channel::detail::Outgoing message(end_);
        serial::write_message(message.sink(), value);
        message.send();
    }
    /// Text is sent as `std::string`.
    void send(const char* text) const { send(std::string(text)); }

    /// Receives the next value, waiting for it.
    /// @throws ValueError          closed, or not for receiving
    /// @throws EofError            nobody has the other end any more, and nothing is left
    /// @throws SerializationError  the message is of another type, which the text names, or damaged; it is dropped
    /// @throws std::system_error   EMFILE when the message brings more descriptors than this process has room for: it
    /// is lost
    template <class T>
    T recv() const {
        channel::detail::Incoming message(end_);
        serial::Source source(message.value_bytes(cohort::detail::raw_type_name<T>()), message.trust());
        source.set_carrier(message.carrier());
        T value = serial::read_message<T>(source);
        source.expect_end();
        return value;
    }

    /// Whether there is something to receive, or the end. Another receiver may take it first.
    /// @throws ValueError  closed, or not for receiving
    bool poll(Timeout timeout = std::chrono::seconds(0)) const;

    /// Sends bytes as one message; it may be empty.
    /// @throws as send()
    void send_bytes(std::span<const std::byte> bytes) const;
    /// The characters of a text.
    void send_bytes(std::string_view text) const { send_bytes(std::as_bytes(std::span(text.data(), text.size()))); }
    /// These bytes; none: `send_bytes({})`.
    void send_bytes(std::initializer_list<std::byte> bytes) const {
        send_bytes(std::span(bytes.begin(), bytes.size()));
    }
    /// A part of a buffer, as Python has it.
    /// @param size  empty: up to the end of the buffer
    /// @throws ValueError  the part does not lie in the buffer
    void send_bytes(std::span<const std::byte> buffer, std::ptrdiff_t offset,
                    std::optional<std::ptrdiff_t> size = {}) const;

    /// Receives the bytes of the next message; those of a value are its encoding.
    /// @param maxlength  a longer message is refused, and then nothing more can be received here, as in Python
    /// @throws ValueError  closed, not for receiving, a negative maxlength, or a message longer than that
    /// @throws EofError    as recv()
    std::vector<std::byte> recv_bytes(std::optional<std::ptrdiff_t> maxlength = {}) const;

    /// Receives the bytes of the next message into `buffer`, from `offset`.
    /// @returns how many they are
    /// @throws BufferTooShort  it is longer than the room; the error has the message
    /// @throws ValueError      closed, not for receiving, or the offset is not in the buffer
    /// @throws EofError        as recv()
    std::size_t recv_bytes_into(std::span<std::byte> buffer, std::ptrdiff_t offset = 0) const;

    /// Sends a value that Python and C++ share, as `send()` of a Python peer does: as its pickle.
    /// @throws as send()
    void send_object(const Object& object) const;

    /// Receives what `send()` of a Python peer, or send_object(), has sent. It is data only, whatever the bytes are.
    /// @throws SerializationError  it is no pickle, or one that is understood by code of Python's only; it is dropped
    /// @throws as recv_bytes()
    Object recv_object() const;

    /// The descriptor, for other ways to wait. It stays the connection's: never close it.
    /// @throws ValueError  closed
    int fileno() const;

    /// Closes this end in this process, for all copies. Again: does nothing.
    void close() const noexcept;
    /// Whether this end is closed in this process.
    bool closed() const noexcept;
    /// Whether this end receives.
    bool readable() const noexcept;
    /// Whether this end sends.
    bool writable() const noexcept;

    /// Whether both are copies of one connection.
    friend bool operator==(const Connection&, const Connection&) noexcept = default;

private:
    friend serial::Codec<Connection>;
    friend class Waitable;
    friend struct channel::ConnectionMaker;

    explicit Connection(std::shared_ptr<channel::End> end) noexcept : end_(std::move(end)) {}

    // Nothing else may stand here: see HandleMemory.
    std::shared_ptr<channel::End> end_;
};

namespace serial {

/// A connection travels where descriptors can.
template <>
struct COHORT_API Codec<Connection> {
    /// @throws ValueError          the connection is closed
    /// @throws SerializationError  this way of sending carries no descriptors
    static void write(Sink& sink, const Connection& connection);
    /// Throws SerializationError if the message does not bring it.
    static Connection read(Source& source);
};

}  // namespace serial
}  // namespace cohort
