// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cohort {

/// The base of all errors that cohort itself reports. A failed system call is a `std::system_error` instead.
class COHORT_API Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
    ~Error() override;
};

/// A wait ended without what it waited for.
class COHORT_API TimeoutError : public Error {
public:
    using Error::Error;
    ~TimeoutError() override;
};

/// The peer does not know the key.
class COHORT_API AuthenticationError : public Error {
public:
    using Error::Error;
    ~AuthenticationError() override;
};

/// A message is longer than the buffer that was given for it. The message is not lost: message() has it.
class COHORT_API BufferTooShort : public Error {
public:
    /// @param message the whole message that found no room
    explicit BufferTooShort(std::vector<std::byte> message);
    ~BufferTooShort() override;
    /// The whole message.
    const std::vector<std::byte>& message() const noexcept { return message_; }

private:
    std::vector<std::byte> message_;
};

/// The other side has closed and nothing is left to receive.
class COHORT_API EofError : public Error {
public:
    using Error::Error;
    ~EofError() override;
};

/// A queue has no item.
class COHORT_API Empty : public Error {
public:
    using Error::Error;
    /// With a text that says so.
    Empty();
    ~Empty() override;
};

/// A queue has no room.
class COHORT_API Full : public Error {
public:
    using Error::Error;
    /// With a text that says so.
    Full();
    ~Full() override;
};

/// The barrier was aborted, reset, timed out, or lost a party.
class COHORT_API BrokenBarrierError : public Error {
public:
    using Error::Error;
    ~BrokenBarrierError() override;
};

/// Misuse: a bad argument, or a call that the object's state does not allow.
class COHORT_API ValueError : public Error {
public:
    using Error::Error;
    ~ValueError() override;
};

/// A value is of a type that the operation is not defined for.
class COHORT_API TypeError : public Error {
public:
    using Error::Error;
    ~TypeError() override;
};

/// An object has no attribute of that name.
class COHORT_API AttributeError : public Error {
public:
    using Error::Error;
    ~AttributeError() override;
};

/// A mapping has no such key.
class COHORT_API KeyError : public Error {
public:
    using Error::Error;
    ~KeyError() override;
};

/// The task was cancelled, or dropped by `Pool::terminate`.
class COHORT_API CancelledError : public Error {
public:
    using Error::Error;
    ~CancelledError() override;
};

/// SIGINT (Ctrl-C) arrived while a blocking call of a Pool ran and the program had left SIGINT its default action; with
/// a handler of its own, or SIGINT ignored, it is not thrown. One that leaves `main` ends the program as SIGINT does.
class COHORT_API Interrupted : public Error {
public:
    using Error::Error;
    ~Interrupted() override;
};

/// Workers die, or their initializer fails, again and again.
class COHORT_API BrokenPoolError : public Error {
public:
    using Error::Error;
    ~BrokenPoolError() override;
};

/// A task went over its worker's memory limit.
class COHORT_API MemoryLimitError : public Error {
public:
    using Error::Error;
    ~MemoryLimitError() override;
};

/// A value cannot be sent, or bytes are not a valid message.
class COHORT_API SerializationError : public Error {
public:
    /// @param type the readable name of the type that could not be written or read; may be empty
    SerializationError(std::string type, const std::string& what);
    ~SerializationError() override;
    /// The readable name of the type concerned.
    const std::string& type() const noexcept { return type_; }

private:
    std::string type_;
};

/// The two sides are not the same build of the program or library that the text names.
class COHORT_API BinaryMismatchError : public Error {
public:
    using Error::Error;
    ~BinaryMismatchError() override;
};

/// An exception of another process: nested in the exception that was rebuilt here, or thrown itself when its type
/// cannot cross.
class COHORT_API RemoteError : public Error {
public:
    /// Where and what the original was.
    struct Origin {
        std::string type_name{};     ///< readable name of the original's type
        std::string message{};       ///< its `what()`; empty if it had none
        pid_t pid = 0;               ///< the process it was thrown in; 0: not known
        std::string process_name{};  ///< that process's name
        std::string trace{};         ///< the stack there, a frame on each line
    };
    /// The text of `what()` tells all of `origin`.
    explicit RemoteError(Origin origin);
    ~RemoteError() override;
    /// The readable name of the original's type.
    const std::string& type_name() const noexcept { return origin_.type_name; }
    /// The original's `what()`; empty if it had none.
    const std::string& message() const noexcept { return origin_.message; }
    /// The process in which it was thrown.
    pid_t pid() const noexcept { return origin_.pid; }
    /// The name of that process.
    const std::string& process_name() const noexcept { return origin_.process_name; }
    /// The stack where it was thrown, a frame on each line; empty where none could be taken.
    const std::string& trace() const noexcept { return origin_.trace; }

private:
    Origin origin_;
};

/// The process that ran a task died before the task had ended.
class COHORT_API WorkerLostError : public Error {
public:
    /// What is known of the loss.
    struct Loss {
        pid_t pid = 0;                            ///< the worker
        int exitcode = 0;                         ///< -N: ended by signal N
        std::optional<std::size_t> task_index{};  ///< the item's place in its `map`
        bool out_of_memory = false;               ///< the kernel's memory killer took it
    };
    /// @param what names the pool, the worker, its end, the function and the item
    WorkerLostError(const std::string& what, Loss loss);
    ~WorkerLostError() override;
    /// The worker that died.
    pid_t pid() const noexcept { return loss_.pid; }
    /// As Process::exitcode(): -N if signal N ended the worker.
    int exitcode() const noexcept { return loss_.exitcode; }
    /// The number of the signal that ended the worker; empty if it exited.
    std::optional<int> signal() const noexcept;
    /// The item's place in its `map`; empty for a single task.
    std::optional<std::size_t> task_index() const noexcept { return loss_.task_index; }
    /// Whether the kernel's memory killer took the worker, where the control group tells.
    bool out_of_memory() const noexcept { return loss_.out_of_memory; }

private:
    Loss loss_;
};

}  // namespace cohort
