// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/serial/object.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

// Objects of the program that a server shares with its clients.
namespace cohort::manager::detail {

class SharedObject;

/// The client whose call is carried out.
///
/// Thread safety: safe. The server outlives it.
class Caller {
public:
    /// @param process      0: its end is not seen
    /// @param server_ends  whether the server is about to end
    Caller(std::uint64_t client, std::uint64_t process, const std::atomic<bool>& server_ends)
        : client_(client), process_(process), server_ends_(server_ends) {}

    /// Its connection: a number that no other one of this process's servers has.
    std::uint64_t client() const noexcept { return client_; }
    /// Its process: a number that SharedObject::process_gone() is given.
    std::uint64_t process() const noexcept { return process_; }
    /// Whether nobody gets the result.
    bool has_gone() const noexcept { return gone_; }
    /// Whether nobody waits any more.
    bool waits() const noexcept { return !gone_ && !server_ends_; }
    void leave() noexcept { gone_ = true; }

private:
    const std::uint64_t client_;
    const std::uint64_t process_;
    const std::atomic<bool>& server_ends_;
    std::atomic<bool> gone_{false};
};

/// Thrown by what waits when nobody does any more: there is no answer.
class WaitAbandoned {};

/// A wait in parts, between which it is seen whether the caller is still there.
class Wait {
public:
    Wait(const Caller& caller, Timeout timeout) : caller_(caller), deadline_(timeout) {}

    /// @param attempt  `bool(Timeout)`: waits so long; whether what it waited for has come
    /// @returns false when the time is up   @throws WaitAbandoned
    template <class Attempt>
    bool until(Attempt attempt) const {
        for (;;) {
            if (attempt(next_part())) return true;
            if (deadline_.passed()) return false;
            if (!caller_.waits()) throw WaitAbandoned();
        }
    }

private:
    Timeout next_part() const {
        constexpr std::chrono::nanoseconds kPart = std::chrono::milliseconds(100);
        const auto left = deadline_.timeout().duration();
        return left ? std::min<std::chrono::nanoseconds>(*left, kPart) : kPart;
    }

    const Caller& caller_;
    const Deadline deadline_;
};

/// An instance of a class of the program.
struct Instance {
    std::shared_ptr<void> pointer;
    std::type_index type;
    std::string name;  ///< of the type, in errors
};

/// What code of the program has returned: a value, or what the server shares.
struct Result {
    Object value{};
    std::shared_ptr<SharedObject> object{};
    std::optional<Instance> instance{};
    /// Takes back what a caller that has gone does not get. May be empty.
    std::function<void()> undo{};
};

/// What a client gave.
struct Given {
    std::span<const Object> args;
    const Object& kwds;         ///< a dict
    std::string_view function;  ///< that is called, as errors name it
};

/// The arguments of a call by the parameters they are for; null where one was left out.
/// @param names     of the parameters; empty: none can be named
/// @param optional  whether a parameter may be left out, for each
/// @param bound     gets them
/// @throws TypeError  as Python's, with the function's name
COHORT_API void bind_arguments(const Given& given, std::span<const std::string> names, std::span<const bool> optional,
                               std::span<const Object*> bound);
/// As the type of a parameter. @throws TypeError  it is of another type: `argument 1: str is no int`
[[noreturn]] COHORT_API void fail_argument(std::size_t place, const std::exception& error);

/// A call of a method.
struct MethodCall {
    std::string_view method;
    Given given;
    const Caller& caller;
};

/// An object of the program that clients use.
///
/// Thread safety: calls come from any thread, several at once unless is_serial(); destroyed in any thread.
class COHORT_API SharedObject {
public:
    SharedObject() = default;
    virtual ~SharedObject();
    SharedObject(const SharedObject&) = delete;
    SharedObject& operator=(const SharedObject&) = delete;

    /// The same for all that stand for one object, and for no others of one kind().
    virtual const void* identity() const noexcept = 0;
    virtual const void* kind() const noexcept { return nullptr; }
    /// What the type is registered as, where Python's SyncManager or this server knows it.
    virtual std::string type_id() const = 0;
    /// As Python names the type: `Counter`.
    virtual std::string class_name() const = 0;
    /// The methods that clients are told of.
    virtual const std::vector<std::string_view>& methods() const = 0;
    /// Others that can be called.
    virtual bool has_hidden(std::string_view) const { return false; }
    /// Whether one call waits for the end of the one before.
    virtual bool is_serial() const noexcept { return false; }

    /// REQUIRES: it is one of methods(), or hidden.
    /// @throws what the client gets, WaitAbandoned
    virtual Result call(const MethodCall& call) = 0;
    /// The connection of a client has ended. Does not wait.
    virtual void client_gone(std::uint64_t) noexcept {}
    /// The process of a client has ended: it holds nothing more. Does not wait.
    virtual void process_gone(std::uint64_t) noexcept {}
};

}  // namespace cohort::manager::detail
