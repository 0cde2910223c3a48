// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/cure.hpp>  // first: its errors then name few files

#include <cohort/base/export.hpp>
#include <cohort/base/stored_call.hpp>
#include <cohort/base/timeout.hpp>
#include <cohort/process/process_options.hpp>
#include <cohort/process/target.hpp>

#include <sys/types.h>

#include <concepts>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace cohort {

namespace process {
class State;
}

/// An activity that runs in a process of its own (multiprocessing.Process).
///
/// A Process is made from a callable and its arguments, or is a subclass that overrides run(). It is movable, also
/// while its process runs, and not copyable. The arguments are stored copies (moved in where given as rvalues, string
/// literals as `std::string`); the target is called with them as lvalues where that compiles, else with the move-only
/// ones as rvalues, else with all of them as rvalues. The callable and its arguments are destroyed here once the
/// process has started. Under spawn and forkserver each argument is a value of its own: an object that two arguments
/// share by `std::shared_ptr` is one object in one argument (a pair of them, say), and two in two.
///
/// Destroyed while its process runs, it leaves the process running, to be joined when this program exits. Destroyed
/// before start(), it does nothing.
///
/// At the exit of this program daemonic children get SIGTERM, and SIGKILL after one second; then the others are joined.
/// As in Python this comes before what was registered with `std::atexit`, and before the static objects that were made,
/// ahead of the latest start(), and after what came later. When this process is killed, its children are killed with
/// it, unless
/// `.detached`.
///
/// Thread safety: join(), is_alive(), exitcode(), pid(), name() and the signals may be called by several threads at
/// once; the other members by one at a time.
/// FORK: in a forked child the object is a copy that can be read; start(), join(), is_alive() and the signals throw
/// ValueError. DEATH: the death of the process, however it comes, ends join() and shows in exitcode().
class COHORT_API Process {
public:
    /// Runs nothing; its exit code is 0.
    Process();

    /// For subclasses, and for a process that runs nothing.
    explicit Process(ProcessOptions options);

    /// Runs `target(arguments...)`.
    /// @throws ValueError  the target is a null pointer
    template <class F, class... Args>
    requires(!std::same_as<std::remove_cvref_t<F>, ProcessOptions> &&
             !std::derived_from<std::remove_cvref_t<F>, Process>) explicit Process(F&& target, Args&&... arguments)
        : Process(Made{}, ProcessOptions{},
                  detail::make_target(std::forward<F>(target), std::forward<Args>(arguments)...)) {
        detail::storing_fault_t<F, Args...>::explain();
        static_assert(can_call<F, Args...>, "cohort::Process: the target cannot be called with these arguments");
    }

    /// Runs `target(arguments...)`, with options.
    /// @throws ValueError  the target is a null pointer
    template <class F, class... Args>
    Process(ProcessOptions options, F&& target, Args&&... arguments)
        : Process(Made{}, std::move(options),
                  detail::make_target(std::forward<F>(target), std::forward<Args>(arguments)...)) {
        detail::storing_fault_t<F, Args...>::explain();
        static_assert(can_call<F, Args...>, "cohort::Process: the target cannot be called with these arguments");
    }

    Process(Process&& other) noexcept;
    Process& operator=(Process&& other) noexcept;
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    virtual ~Process();

    /// What the process does: calls the target. Called directly, it does so in the calling process.
    /// @throws ValueError  the process was started: its target is no longer here
    virtual void run();

    /// Starts the process.
    /// @throws ValueError          started before, made by another process, or a subclass that was moved into a plain
    /// Process
    /// @throws Error               this process is daemonic and may not have children
    /// @throws SerializationError  something cannot cross to a fresh image (spawn, forkserver); nothing was started
    /// @throws std::system_error   the kernel refused; the text names the step; nothing was started
    void start();

    /// Waits for the end of the process.
    /// @returns whether it has ended
    /// @throws ValueError  not started, or not a child of this process
    bool join(Timeout timeout = forever);

    /// Whether the process was started and has not ended.
    bool is_alive() const;

    /// Sends SIGTERM. Does nothing when the process has ended. Descendants of the process are not signalled.
    /// @throws ValueError  not started
    void terminate();
    /// Sends SIGKILL; otherwise as terminate().
    void kill();
    /// Sends SIGINT; otherwise as terminate().
    void interrupt();

    /// Gives back what the object holds of an ended process; later calls throw ValueError.
    /// @throws ValueError  the process is still running
    void close();

    /// The name that messages show; `Process-1` and so on if none was given.
    std::string name() const;
    /// @param name  any text; need not be unique
    void set_name(std::string name);

    /// Whether the process is ended when its parent exits.
    bool daemon() const;
    /// @throws ValueError  the process was started
    void set_daemon(bool daemon);

    /// Empty before start().
    std::optional<pid_t> pid() const;

    /// Empty before start() and while the process runs; N after `std::exit(N)`; 1 after an exception; -N when signal N
    /// ended it; 255 when its code cannot be known because the server that started it has died.
    /// @throws Error  another part of the program has reaped the process (a wait of its own, or SIGCHLD ignored): its
    /// code is not known
    std::optional<int> exitcode() const;

    /// A descriptor that becomes readable when the process ends. It belongs to this object: do not close it.
    /// @throws ValueError  not started
    int sentinel() const;

    /// The key with which the process authenticates its connections: 32 random bytes, made in the main process and
    /// inherited. Secret: never print or send it.
    std::string authkey() const;
    /// @param key  any bytes; used by connections that are made from now on
    void set_authkey(std::string key);

    /// Prints `<Process name='Process-1' pid=12 parent=11 started daemon>`, as Python's repr does.
    COHORT_API friend std::ostream& operator<<(std::ostream& out, const Process& process);

protected:
    /// For subclasses that can be started in a fresh image: see ProcessOf.
    virtual serial::Token write_for_fresh_image(serial::Sink& sink) const;
    /// @throws SerializationError  the object is of a class derived from this one, which would be cut off
    void refuse_other_class(const std::type_info& own) const;
    /// Makes an object stand for the calling process, as in the child whose run() it is: what current_process() gives.
    static void as_this_process(Process& made);

private:
    friend class process::State;
    struct Made {};  // tells the constructor below from those for user code

    // True where another error comes first.
    template <class F, class... Args>
    static constexpr bool can_call = detail::storing_fault_t<F, Args...>::exists || detail::is_target_v<F, Args...>;

    explicit Process(std::shared_ptr<process::State> state) noexcept;
    Process(Made, ProcessOptions options, std::unique_ptr<detail::Target> target);

    process::State& state() const;
    std::string class_name() const;

    std::shared_ptr<process::State> state_;
};

/// The base of a subclass that can be started by every start method.
///
/// `Self` has a default constructor and a codec (a cereal `serialize` member, say). In a fresh image a `Self` is made
/// by the default constructor, filled by the codec, and its run() is called.
///
/// `Self` is the last class: one derived from it would be cut off, so start() refuses it. What several process classes
/// share stands in a template: `template <class Self> struct Worker : ProcessOf<Self> {...};`
/// `struct Loader : Worker<Loader> {...};`
///
/// Under fork a subclass of the plain Process will do: the child has a copy of all of its state.
template <class Self>
class ProcessOf : public Process {
public:
    using Process::Process;

protected:
    serial::Token write_for_fresh_image(serial::Sink& sink) const override {
        static_assert(std::default_initializable<Self>,
                      "a process class needs a default constructor to be started in a fresh image");
        refuse_other_class(typeid(Self));
        serial::write(sink, static_cast<const Self&>(*this));
        return serial::token_of<Body>();
    }

private:
    struct Body {
        static constexpr std::string_view kRole = detail::kTargetRole;

        static void run(serial::Source& in, void*) {
            auto self = serial::read<Self>(in);
            as_this_process(self);
            self.run();
        }
    };
};

}  // namespace cohort
