// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/errors.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/manager/detail/seconds.hpp>
#include <cohort/manager/object_proxy.hpp>

#include <cstddef>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace cohort {

/// Stands for what a task of a pool in a manager's server will have come to (multiprocessing.pool.AsyncResult).
///
/// Thread safety, FORK, DEATH: as ObjectProxy.
template <class R>
class AsyncResultProxy : public ObjectProxy {
public:
    AsyncResultProxy() noexcept = default;
    /// Of a result that a server's pool gave.
    explicit AsyncResultProxy(ObjectProxy proxy) noexcept : ObjectProxy(std::move(proxy)) {}
    static AsyncResultProxy from_object(const Object& object) {
        return AsyncResultProxy(ObjectProxy::from_object(object));
    }

    /// Waits for the result.
    /// @throws TimeoutError  the time is up   @throws what the task has thrown; CancelledError: the pool was terminated
    R get(Timeout timeout = forever) const { return call<R>("get", manager::detail::seconds_of(timeout)); }
    /// Waits until the task has ended, or the time is up.
    void wait(Timeout timeout = forever) const { call<void>("wait", manager::detail::seconds_of(timeout)); }
    /// Whether the call has ended.
    bool ready() const { return call<bool>("ready"); }
    /// Whether it has a result. @throws ValueError  it is not ready
    bool successful() const { return call<bool>("successful"); }
};

/// Stands for the results of a pool's imap() in a manager's server; each is there for one taker.
///
/// Thread safety, FORK, DEATH: as ObjectProxy.
template <class R>
class ResultIteratorProxy : public ObjectProxy {
public:
    class Iterator;

    ResultIteratorProxy() noexcept = default;
    /// Of an iterator that a server's pool gave.
    explicit ResultIteratorProxy(ObjectProxy proxy) noexcept : ObjectProxy(std::move(proxy)) {}
    static ResultIteratorProxy from_object(const Object& object) {
        return ResultIteratorProxy(ObjectProxy::from_object(object));
    }

    /// Waits for the next result. @returns nothing at the end   @throws what the task has thrown
    std::optional<R> next() const {
        try {
            return call<R>("__next__");
        } catch (const RemoteError& error) {
            if (error.type_name() != "StopIteration") throw;
            return {};
        }
    }
    Iterator begin() const { return Iterator(*this); }
    Iterator end() const { return {}; }
};

/// Takes the results as they are walked over.
template <class R>
class ResultIteratorProxy<R>::Iterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = R;
    using difference_type = std::ptrdiff_t;
    using pointer = const R*;
    using reference = const R&;

    Iterator() = default;
    /// Asks for the first result.
    explicit Iterator(ResultIteratorProxy results) : results_(std::move(results)) { ++*this; }
    reference operator*() const { return *next_; }
    pointer operator->() const { return &*next_; }
    Iterator& operator++() {
        next_ = results_.next();
        return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& one, const Iterator& other) {
        return one.next_.has_value() == other.next_.has_value();
    }

private:
    ResultIteratorProxy results_;
    std::optional<R> next_;
};

/// Stands for a Pool in a manager's server (multiprocessing.managers.PoolProxy). What it calls is in the server: on a
/// server of cohort a function that is registered there, by its name, in a thread of the server's process; on Python's
/// any function, as `Object::global("math", "factorial")`, in a process of the pool.
///
/// Thread safety, FORK: as ObjectProxy. DEATH: of the client: what it has given to the pool is still run.
class PoolProxy : public ObjectProxy {
public:
    PoolProxy() noexcept = default;
    /// @param proxy  of a Pool
    explicit PoolProxy(ObjectProxy proxy) noexcept : ObjectProxy(std::move(proxy)) {}
    static PoolProxy from_object(const Object& object) { return PoolProxy(ObjectProxy::from_object(object)); }

    /// Calls a function and waits for its result.
    /// @param function   a registered name, or a function of Python
    /// @param arguments  values as Object::from() takes them
    /// @throws what the function throws; KeyError: there is none of this name; ValueError: the pool is closed
    template <class R = Object, class... Args>
    R apply(const Object& function, const Args&... arguments) const {
        return call<R>("apply", function, tuple_of(arguments...));
    }
    /// Starts the call in the server's pool and does not wait for it.
    template <class R = Object, class... Args>
    AsyncResultProxy<R> apply_async(const Object& function, const Args&... arguments) const {
        return call<AsyncResultProxy<R>>("apply_async", function, tuple_of(arguments...));
    }
    /// Calls a function with each item.
    /// @returns the results in the order of the items
    /// @throws as apply(); of several exceptions that of the first item, when all have ended
    template <class R = Object, class T>
    std::vector<R> map(const Object& function, const std::vector<T>& items) const {
        return call<std::vector<R>>("map", function, items);
    }
    /// Map() that does not wait.
    template <class R = Object, class T>
    AsyncResultProxy<std::vector<R>> map_async(const Object& function, const std::vector<T>& items) const {
        return call<AsyncResultProxy<std::vector<R>>>("map_async", function, items);
    }
    /// As map(), with a tuple of arguments for each call.
    template <class R = Object, class... Args>
    std::vector<R> starmap(const Object& function, const std::vector<std::tuple<Args...>>& items) const {
        return call<std::vector<R>>("starmap", function, items);
    }
    /// Starmap() that does not wait.
    template <class R = Object, class... Args>
    AsyncResultProxy<std::vector<R>> starmap_async(const Object& function,
                                                   const std::vector<std::tuple<Args...>>& items) const {
        return call<AsyncResultProxy<std::vector<R>>>("starmap_async", function, items);
    }
    /// As map(), with the results one by one, in the order of the items.
    template <class R = Object, class T>
    ResultIteratorProxy<R> imap(const Object& function, const std::vector<T>& items) const {
        return call<ResultIteratorProxy<R>>("imap", function, items);
    }
    /// As imap(), in the order in which they are there.
    template <class R = Object, class T>
    ResultIteratorProxy<R> imap_unordered(const Object& function, const std::vector<T>& items) const {
        return call<ResultIteratorProxy<R>>("imap_unordered", function, items);
    }

    /// Takes no more tasks.
    void close() const { call<void>("close"); }
    /// Takes no more tasks, and those that have not begun fail with CancelledError.
    void terminate() const { call<void>("terminate"); }
    /// Waits until all tasks have ended. @throws ValueError  neither closed nor terminated
    void join() const { call<void>("join"); }

private:
    template <class... Args>
    static Object tuple_of(const Args&... arguments) {
        return Object::tuple({manager::detail::argument_object(arguments)...});
    }
};

}  // namespace cohort
