// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/channel/address.hpp>
#include <cohort/serial/codec.hpp>
#include <cohort/serial/object.hpp>
#include <cohort/serial/object_dict.hpp>

#include <concepts>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cohort {

namespace manager {
class Handle;
struct ProxyMaker;
}  // namespace manager

namespace manager::detail {

/// An argument as Python has it; text in any form.
template <class T>
Object argument_object(const T& argument) {
    if constexpr (std::is_convertible_v<const T&, std::string_view>)
        return Object(std::string_view(argument));
    else
        return Object::from(argument);
}

}  // namespace manager::detail

/// A keyword argument of a call: made by kw().
struct KeywordArgument {
    /// Of the parameter.
    std::string name{};
    /// What is passed.
    Object value{};
};

/// `proxy.call("sort", kw("reverse", true))`
template <class T>
KeywordArgument kw(std::string name, const T& value) {
    return {std::move(name), manager::detail::argument_object(value)};
}

/// Stands for an object of any type in a manager's server, of Python or cohort (multiprocessing.managers.BaseProxy).
/// DictProxy, ListProxy and others have the members of the types they stand for.
///
/// A value: a copy stands for the same object, in this process and, sent in a message or as an argument, in others;
/// also within values that are stored in a server. The object lives as long as a proxy does. One that is on its way to
/// another process (in a queue, a pipe, the result of a pool's task, as an argument) counts, whatever becomes of the
/// sender: on a server of cohort, for an hour at least. On a server of Python, and within an Object, the sender keeps
/// its own until the other process has received it.
///
/// Each thread of a process has a connection of its own with a server, made at the first use, and again in a forked
/// child.
///
/// Thread safety: safe. FORK: the child uses the same object. DEATH: of the server: calls throw EofError or
/// std::system_error, naming its address. Of this process: a server of cohort on this machine drops its references;
/// Python's does not.
class COHORT_API ObjectProxy {
public:
    /// Stands for nothing: every call throws ValueError.
    ObjectProxy() noexcept = default;

    /// Calls a method of the object.
    /// @tparam R  what it returns, as Object::to() takes it; Object: anything; void: nothing is looked at; a proxy: the
    /// method gives one
    /// @param arguments  values as Object::from() takes them, proxies; kw() for keyword arguments, after the others
    /// @throws what the method has raised, as its counterpart in C++, nested with a RemoteError; RemoteError for what
    /// has none, and for methods that are not offered
    /// @throws EofError, std::system_error  the server has gone
    template <class R = Object, class... Args>
    R call(std::string_view method, const Args&... arguments) const {
        std::vector<Object> args;
        Object kwds = Object::dict();
        (add_argument(args, kwds, arguments), ...);
        const Object result = call_with(method, Object::tuple(std::move(args)), kwds);
        if constexpr (!std::is_void_v<R>) return result.to<R>();
    }

    /// As call(), with arguments that are put together already.
    /// @param args  a tuple   @param kwds  a dict
    Object call_with(std::string_view method, const Object& args, const Object& kwds) const;

    /// The names of the methods that can be called.
    std::vector<std::string> methods() const;
    /// A copy of the object.
    template <class T = Object>
    T value() const {
        return call<T>("#GETVALUE");
    }
    /// How Python's repr() shows the object.
    std::string repr() const { return call<std::string>("__repr__"); }
    /// How Python's str() shows it.
    std::string str() const { return call<std::string>("__str__"); }

    /// What the object's type is registered as.
    std::string type_id() const;
    /// The object's name in its server.
    std::string id() const;
    /// The server's.
    const Address& address() const;
    /// Whether it stands for an object.
    explicit operator bool() const noexcept { return handle_ != nullptr; }
    /// Whether compound changes are atomic: the server is one of cohort's.
    bool is_atomic() const;

    /// Prints the object, as Python's print() does with a proxy.
    friend COHORT_API std::ostream& operator<<(std::ostream& out, const ObjectProxy& proxy);
    /// Whether both stand for the same object.
    friend COHORT_API bool operator==(const ObjectProxy& one, const ObjectProxy& other);

    /// What stands for the proxy in messages of Python.
    Object to_object() const;
    /// A proxy that came in such a message.
    /// @throws SerializationError  it is none
    static ObjectProxy from_object(const Object& object);

protected:
    static void write(serial::Sink& sink, const ObjectProxy& proxy);
    static ObjectProxy read(serial::Source& source);

private:
    template <class T>
    friend struct serial::Codec;
    friend manager::ProxyMaker;
    friend class BaseManager;

    template <class T>
    static void add_argument(std::vector<Object>& args, Object& kwds, const T& argument) {
        if constexpr (std::is_same_v<T, KeywordArgument>)
            kwds.assign(Object(argument.name), argument.value);
        else
            args.push_back(manager::detail::argument_object(argument));
    }
    const manager::Handle& handle() const;

    std::shared_ptr<const manager::Handle> handle_;
};

template <class T>
concept AnyObjectProxy = std::derived_from<T, ObjectProxy>;

namespace serial {

/// A proxy of any class travels with the key of its server within the processes of one program, elsewhere without.
template <AnyObjectProxy T>
struct Codec<T> {
    static void write(Sink& sink, const T& proxy) { T::write(sink, proxy); }
    static T read(Source& source) { return T(T::read(source)); }
};

}  // namespace serial
}  // namespace cohort
