// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/export.hpp>
#include <cohort/manager/detail/exposed_class.hpp>
#include <cohort/manager/detail/registered.hpp>
#include <cohort/manager/exposed.hpp>
#include <cohort/manager/manager_options.hpp>
#include <cohort/manager/manager_server.hpp>
#include <cohort/manager/object_proxy.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cohort {

/// A process that holds objects for others, or the way to one that runs already, in C++ or Python
/// (multiprocessing.managers.BaseManager). May be a base class.
///
/// The server has the types of Python's SyncManager, and what is registered.
///
/// Thread safety: call(), address() and join() are safe; the other members are one thread's.
/// FORK: the child can call; the server is ended by the process that started it. DEATH: the server ends with the
/// process that started it; its own death ends the calls of all clients, see ObjectProxy.
class COHORT_API BaseManager {
public:
    /// Neither started nor connected yet.
    explicit BaseManager(ManagerOptions options = {});
    /// Shuts down what start() has started.
    virtual ~BaseManager();
    BaseManager(BaseManager&&) noexcept;
    BaseManager& operator=(BaseManager&&) noexcept;

    /// Has the server call `callable` when a client asks for `name`. What it returns is an object in the server then:
    /// - a handle of cohort (Queue, JoinableQueue, SimpleQueue, Lock, Semaphore, Event, Value, Array, …), or a
    ///   std::shared_ptr of a class that is exposed: clients and this program share the object, and each call that
    ///   returns it again gives a proxy of the same object;
    /// - a proxy: what it stands for;
    /// - a map is a dict there, a vector a list, a set a set;
    /// - of anything else clients can have a copy (Object::value(), `_getvalue()`).
    ///
    /// Each call runs in a thread of its own beside the server's, and so does what waits for a handle.
    ///
    /// REQUIRES: before start() or get_server().
    /// @param callable    a function or a functor whose parameters and result Object::from() and Object::to() take. A
    ///                    std::optional parameter may be left out. To travel to a server that is no fork
    ///                    (ManagerOptions::start_method), it must be what a Process can run there
    /// @param parameters  their names, if clients may name them
    /// @throws ValueError  another number of names; started or connected before
    template <class F>
    requires(!manager::detail::is_exposed_v<std::remove_cvref_t<F>>) void register_type(
        const std::string& name, F&& callable, std::vector<std::string> parameters = {}) {
        add_type(name, manager::detail::make_code<std::decay_t<F>>(std::forward<F>(callable), std::move(parameters)),
                 {});
    }
    /// Has the server make an object of a class when a client asks for `name`, with the arguments of its constructor.
    /// A class may have several names, each with methods of its own; objects that other code returns have the first
    /// one's.
    template <class T>
    void register_type(const std::string& name, const exposed<T>& what) {
        add_type(name, what.class_.constructor, what.class_);
    }
    /// The same with another way to make it, or to find it.
    /// @param callable  returns a `std::shared_ptr<T>`; as above
    template <class F, class T>
    void register_type(const std::string& name, F&& callable, const exposed<T>& what) {
        add_type(name, manager::detail::make_code<std::decay_t<F>>(std::forward<F>(callable), {}), what.class_);
    }
    /// Says that the server that connect() finds has this name; nothing has to be said to call().
    void register_type(const std::string& name);

    /// Starts the server in a process of its own, which ignores SIGINT and ends with this one.
    /// @throws ValueError  started or connected before
    /// @throws std::system_error  the address is in use; and what Process::start() throws
    /// @throws EofError  the process has ended before it served: in `.initializer`
    void start();
    /// Uses a server that runs already.
    /// @throws std::system_error  nobody listens there   @throws AuthenticationError  it has another key
    void connect();
    /// A server for this process.
    /// @throws ValueError  started or connected before
    ManagerServer get_server();
    /// Ends the server that start() has started: asks it to end, and after `.shutdown_timeout` ends it by force. Again:
    /// does nothing.
    /// @throws ValueError  not started here
    void shutdown();
    /// Waits for the end of the server that start() has started.
    /// @returns whether it has ended
    /// @throws ValueError  not started here
    bool join(Timeout timeout = forever);

    /// Where the server listens; the real port when it has started.
    const Address& address() const noexcept;

    /// Has the server make an object of a type, or call what is registered with this name.
    /// @tparam R  a proxy: stands for the object; any other: a copy of it; void: nothing
    /// @throws ValueError  neither started nor connected
    /// @throws RemoteError  there is no such name; what the callable has thrown: on a server of cohort, its counterpart
    template <class R = ObjectProxy, class... Args>
    R call(const std::string& name, const Args&... arguments) const {
        std::vector<Object> args{Object(name)};
        Object kwds = Object::dict();
        (ObjectProxy::add_argument(args, kwds, arguments), ...);
        ObjectProxy made = create(Object::tuple(std::move(args)), kwds);
        if constexpr (AnyObjectProxy<R>)
            return R(std::move(made));
        else if constexpr (!std::is_void_v<R>)
            return made.template value<R>();
    }

    /// How many objects the server holds.
    std::size_t number_of_objects() const;
    /// What the server tells of its objects, a name and a count of references each.
    std::string debug_info() const;

protected:
    /// Has the server keep segments of shared memory; before start() and get_server().
    void keep_segments();
    /// Calls a function of the server itself.
    Object call_server(std::string_view function, const Object& args) const;

private:
    class State;

    void add_type(std::string name, std::shared_ptr<manager::detail::Code> code,
                  std::optional<manager::detail::ExposedClass> exposed);
    ObjectProxy create(const Object& args, const Object& kwds) const;
    State& state() const;

    std::unique_ptr<State> state_;
};

}  // namespace cohort
