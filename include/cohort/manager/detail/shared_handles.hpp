// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/channel/queue.hpp>
#include <cohort/manager/detail/shared_object.hpp>
#include <cohort/sync/array.hpp>
#include <cohort/sync/barrier.hpp>
#include <cohort/sync/condition.hpp>
#include <cohort/sync/event.hpp>
#include <cohort/sync/lock.hpp>
#include <cohort/sync/semaphore.hpp>
#include <cohort/sync/value.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

// Handles of cohort as objects in a server: what they refer to is shared with the program.
namespace cohort::manager::detail {

template <class T>
T value_for_item(const Object& object) {
    try {
        return object.to<T>();
    } catch (const SerializationError& error) {
        fail_argument(0, error);
    }
}

/// A queue of items of any type.
class COHORT_API AnyQueue {
public:
    virtual ~AnyQueue();
    virtual const channel::detail::QueueState& state() const noexcept = 0;
    /// False: the time is up.
    virtual bool put(const Object& item, const Wait& wait) const = 0;
    /// Nothing: the time is up.
    virtual std::optional<Object> get(const Wait& wait) const = 0;
};

template <class Handle, class T>
class QueueOf final : public AnyQueue {
public:
    explicit QueueOf(Handle queue) : queue_(std::move(queue)) {}
    const channel::detail::QueueState& state() const noexcept override { return queue_; }
    bool put(const Object& item, const Wait& wait) const override {
        const T value = value_for_item<T>(item);
        return wait.until([&](Timeout part) { return queue_.try_put(value, part); });
    }
    std::optional<Object> get(const Wait& wait) const override {
        std::optional<T> item;
        wait.until([&](Timeout part) {
            if (auto got = queue_.try_get(part)) item.emplace(std::move(*got));
            return item.has_value();
        });
        if (!item) return {};
        return Object::from(*item);
    }

private:
    const Handle queue_;
};

enum class QueueForm { plain, joinable };

/// Elements of any type in shared memory.
class COHORT_API AnyElements {
public:
    virtual ~AnyElements();
    virtual const void* identity() const noexcept = 0;
    virtual std::size_t size() const = 0;
    virtual Object get(std::size_t index) const = 0;
    virtual void set(std::size_t index, const Object& value) const = 0;
    virtual void lock() const = 0;
    virtual void unlock() const = 0;
};

/// A Value, a RawValue, an Array or a RawArray.
template <class Handle>
class ElementsOf final : public AnyElements {
    using T = typename Handle::value_type;
    static constexpr bool kIsArray = requires(const Handle& handle) { handle.span(); };
    static constexpr bool kHasLock = requires(const Handle& handle) { handle.get_lock(); };

public:
    explicit ElementsOf(Handle handle) : handle_(std::move(handle)) {}
    const void* identity() const noexcept override { return handle_.object().get(); }
    std::size_t size() const override {
        if constexpr (kIsArray)
            return handle_.size();
        else
            return 1;
    }
    Object get(std::size_t index) const override {
        if constexpr (kIsArray)
            return Object::from(handle_.at(index));
        else
            return Object::from(handle_.value());
    }
    void set(std::size_t index, const Object& value) const override {
        const T given = value_for_item<T>(value);
        if constexpr (kIsArray)
            handle_.at(index) = given;
        else
            handle_.set_value(given);
    }
    void lock() const override {
        if constexpr (kHasLock) handle_.lock();
    }
    void unlock() const override {
        if constexpr (kHasLock) handle_.unlock();
    }

private:
    const Handle handle_;
};

enum class ElementsForm { value, array };

COHORT_API std::shared_ptr<SharedObject> share_queue(std::unique_ptr<AnyQueue> queue, QueueForm form);
COHORT_API std::shared_ptr<SharedObject> share_elements(std::unique_ptr<AnyElements> elements, ElementsForm form);
COHORT_API std::shared_ptr<SharedObject> share(const Event& event);
COHORT_API std::shared_ptr<SharedObject> share(const Lock& lock);
COHORT_API std::shared_ptr<SharedObject> share(const RLock& lock);
COHORT_API std::shared_ptr<SharedObject> share(const Condition& condition);
COHORT_API std::shared_ptr<SharedObject> share(const Barrier& barrier);
COHORT_API std::shared_ptr<SharedObject> share(const Semaphore& semaphore);
COHORT_API std::shared_ptr<SharedObject> share(const BoundedSemaphore& semaphore);

template <class T>
std::shared_ptr<SharedObject> share(const Queue<T>& queue) {
    return share_queue(std::make_unique<QueueOf<Queue<T>, T>>(queue), QueueForm::plain);
}
template <class T>
std::shared_ptr<SharedObject> share(const JoinableQueue<T>& queue) {
    return share_queue(std::make_unique<QueueOf<JoinableQueue<T>, T>>(queue), QueueForm::joinable);
}
template <class T>
std::shared_ptr<SharedObject> share(const RawValue<T>& value) {
    return share_elements(std::make_unique<ElementsOf<RawValue<T>>>(value), ElementsForm::value);
}
template <class T>
std::shared_ptr<SharedObject> share(const Value<T>& value) {
    return share_elements(std::make_unique<ElementsOf<Value<T>>>(value), ElementsForm::value);
}
template <class T>
std::shared_ptr<SharedObject> share(const RawArray<T>& array) {
    return share_elements(std::make_unique<ElementsOf<RawArray<T>>>(array), ElementsForm::array);
}
template <class T>
std::shared_ptr<SharedObject> share(const Array<T>& array) {
    return share_elements(std::make_unique<ElementsOf<Array<T>>>(array), ElementsForm::array);
}

}  // namespace cohort::manager::detail
