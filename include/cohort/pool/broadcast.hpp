// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/base/function_ref.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/serial/shared_handles.hpp>
#include <cohort/serial/sink.hpp>
#include <cohort/serial/source.hpp>
#include <cohort/shm/shared_handle.hpp>

#include <memory>
#include <utility>

namespace cohort {

namespace detail {

/// A message in shared memory, and the value that this process has read from it, whatever its type is.
class COHORT_API BroadcastState : public shm::SharedHandle {
public:
    BroadcastState(const BroadcastState&) = default;
    BroadcastState& operator=(const BroadcastState&) = default;
    BroadcastState(BroadcastState&&) noexcept = default;
    BroadcastState& operator=(BroadcastState&&) noexcept = default;

protected:
    using Write = FunctionRef<void(serial::Sink&)>;
    using Read = FunctionRef<std::shared_ptr<const void>(serial::Source&)>;

    /// A new message; `value` is what it says.
    BroadcastState(Write write, const std::shared_ptr<const void>& value);
    /// The message that another one named. It is read if this process has not read it yet.
    BroadcastState(std::shared_ptr<shm::Object> object, Read read);

    /// @throws ValueError  the handle was moved from
    const void* value() const {
        if (!value_) [[unlikely]]
            fail_moved();
        return value_.get();
    }

private:
    [[noreturn]] static void fail_moved();

    std::shared_ptr<const void> value_;
};

}  // namespace detail

/// A large value that many tasks read: written into shared memory once, and read from there once by each process that
/// gets a handle. A handle is an argument of a few bytes.
///
/// ```cpp
/// cohort::Broadcast<Model> model(train());
/// pool.map(cohort::partial(classify, model), images);   // int classify(const cohort::Broadcast<Model>&, const Image&)
/// ```
///
/// A process keeps the value as long as the object lives somewhere, so that the next task finds it; it forgets it when
/// it meets another broadcast after that, or ends. For an array that is to be read in place, without a copy for each
/// process, use RawArray.
///
/// @tparam T  any type that can be sent, but not with handles of cohort in it; it is never changed
///
/// Thread safety: safe to read. FORK: the child has the value without reading it again.
/// DEATH: of any process: the object lives while others hold it.
template <class T>
class Broadcast : public detail::BroadcastState {
public:
    using value_type = T;

    /// @throws SerializationError                 the value cannot be sent
    /// @throws std::bad_alloc, std::system_error  there is no memory for it
    explicit Broadcast(T value) : Broadcast(std::make_shared<const T>(std::move(value))) {}
    /// The value that a message named; for codecs.
    /// @throws what reading a T throws
    explicit Broadcast(std::shared_ptr<shm::Object> object)
        : BroadcastState(std::move(object), [](serial::Source& source) -> std::shared_ptr<const void> {
              return std::make_shared<const T>(serial::read_message<T>(source));
          }) {}

    /// The value, which lives as long as this handle or a copy of it.
    /// @throws ValueError  the handle was moved from
    const T& value() const { return *static_cast<const T*>(BroadcastState::value()); }
    const T& operator*() const { return value(); }
    const T* operator->() const { return &value(); }

private:
    explicit Broadcast(std::shared_ptr<const T> value)
        : BroadcastState([&](serial::Sink& sink) { serial::write_message(sink, *value); }, value) {}
};

template <class T>
Broadcast(T) -> Broadcast<T>;

}  // namespace cohort
