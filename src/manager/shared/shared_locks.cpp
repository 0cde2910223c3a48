// SPDX-License-Identifier: MIT
#include <cohort/manager/detail/shared_handles.hpp>

#include "manager/shared/handle_methods.hpp"

#include <cstdint>
#include <mutex>
#include <optional>

namespace cohort::manager::detail {

namespace {

class EventObject final : public SharedObject {
public:
    explicit EventObject(Event event) : event_(std::move(event)) {}

    const void* identity() const noexcept override { return event_.object().get(); }
    std::string type_id() const override { return "Event"; }
    std::string class_name() const override { return "threading.Event"; }
    const std::vector<std::string_view>& methods() const override { return table().names(); }
    Result call(const MethodCall& call) override { return table().run(*this, call); }

private:
    static const HandleMethods<EventObject>& table() {
        using Self = EventObject;
        static const HandleMethods<Self> all{
            {"is_set", &Self::is_set}, {"set", &Self::set}, {"clear", &Self::clear}, {"wait", &Self::wait}};
        return all;
    }

    Result is_set(const MethodCall& call) {
        expect_no_arguments(call);
        return value_result(event_.is_set());
    }
    Result set(const MethodCall& call) {
        expect_no_arguments(call);
        event_.set();
        return {};
    }
    Result clear(const MethodCall& call) {
        expect_no_arguments(call);
        event_.clear();
        return {};
    }
    Result wait(const MethodCall& call) {
        const Wait wait(call.caller, timeout_argument(bind_to<1>(call, {"timeout"}, 0)[0]));
        return value_result(wait.until([&](Timeout part) { return event_.wait(part); }));
    }

    Event event_;
};

/// A Lock of the program: a client that dies with it releases it, as the program's own processes do, if the end of its
/// process is seen. The end of a connection is none: Python's clients also close one whose proxies they still have.
class LockObject final : public SharedObject {
public:
    explicit LockObject(Lock lock) : lock_(std::move(lock)) {}
    // No client can release it any more.
    ~LockObject() override {
        if (hold_) release_hold(hold_->turn);
    }

    const void* identity() const noexcept override { return lock_.object().get(); }
    std::string type_id() const override { return "Lock"; }
    std::string class_name() const override { return "_thread.lock"; }
    const std::vector<std::string_view>& methods() const override { return table().names(); }
    bool has_hidden(std::string_view name) const override { return table().has_hidden(name); }
    Result call(const MethodCall& call) override { return table().run(*this, call); }
    void process_gone(std::uint64_t process) noexcept override {
        const std::lock_guard guard(mutex_);
        if (hold_ && hold_->process == process) let_go();
    }

private:
    /// By which process it was taken, and how many times before.
    struct Hold {
        std::uint64_t process;
        std::uint64_t turn;
    };

    static const HandleMethods<LockObject>& table() {
        using Self = LockObject;
        static const HandleMethods<Self> all{
            {{"acquire", &Self::acquire}, {"release", &Self::release}, {"locked", &Self::locked}},
            {{"#cohort.abandoned", &Self::abandoned}}};
        return all;
    }

    Result acquire(const MethodCall& call) {
        const auto given = bind_to<2>(call, {"blocking", "timeout"}, 0);
        const Wait wait(call.caller,
                        given[0] && !given[0]->truth() ? Timeout(std::chrono::seconds(0)) : timeout_argument(given[1]));
        if (!wait.until([&](Timeout part) { return lock_.acquire(part); })) return value_result(false);
        const std::lock_guard guard(mutex_);
        hold_ = Hold{call.caller.process(), ++turns_};
        return {Object(true), {}, {}, [this, turn = turns_] { release_hold(turn); }};
    }
    Result release(const MethodCall& call) {
        expect_no_arguments(call);
        const std::lock_guard guard(mutex_);
        lock_.release();
        hold_.reset();
        return {};
    }
    Result locked(const MethodCall& call) {
        expect_no_arguments(call);
        return value_result(lock_.locked());
    }
    Result abandoned(const MethodCall& call) {
        expect_no_arguments(call);
        return value_result(lock_.abandoned());
    }
    void release_hold(std::uint64_t turn) noexcept {
        const std::lock_guard guard(mutex_);
        if (hold_ && hold_->turn == turn) let_go();
    }
    // With the mutex.
    void let_go() noexcept {
        hold_.reset();
        try {
            lock_.release();
        } catch (const std::exception&) {
            // The program has released it.
        }
    }

    Lock lock_;
    std::mutex mutex_;
    std::optional<Hold> hold_;
    std::uint64_t turns_ = 0;
};

/// A Semaphore of the program. What a client takes and does not give is gone with it, as with acquire() of a process.
class SemaphoreObject final : public SharedObject {
public:
    SemaphoreObject(Semaphore semaphore, std::string type_id)
        : semaphore_(std::move(semaphore)), type_id_(std::move(type_id)) {}

    const void* identity() const noexcept override { return semaphore_.object().get(); }
    std::string type_id() const override { return type_id_; }
    std::string class_name() const override { return "threading." + type_id_; }
    const std::vector<std::string_view>& methods() const override { return table().names(); }
    bool has_hidden(std::string_view name) const override { return table().has_hidden(name); }
    Result call(const MethodCall& call) override { return table().run(*this, call); }

private:
    static const HandleMethods<SemaphoreObject>& table() {
        using Self = SemaphoreObject;
        static const HandleMethods<Self> all{{{"acquire", &Self::acquire}, {"release", &Self::release}},
                                             {{"#cohort.get_value", &Self::get_value},
                                              {"#cohort.try_lock", &Self::try_lock},
                                              {"get_value", &Self::get_value},
                                              {"locked", &Self::locked}}};
        return all;
    }

    Result acquire(const MethodCall& call) {
        const auto given = bind_to<2>(call, {"blocking", "timeout"}, 0);
        const Wait wait(call.caller,
                        given[0] && !given[0]->truth() ? Timeout(std::chrono::seconds(0)) : timeout_argument(given[1]));
        return taken_result(wait.until([&](Timeout part) { return semaphore_.acquire(part); }));
    }
    Result release(const MethodCall& call) {
        const Object* n = bind_to<1>(call, {"n"}, 0)[0];
        semaphore_.release(n ? n->to<std::ptrdiff_t>() : 1);
        return {};
    }
    Result try_lock(const MethodCall& call) {
        expect_no_arguments(call);
        return taken_result(semaphore_.acquire(false));
    }
    Result taken_result(bool taken) {
        if (!taken) return value_result(false);
        return {Object(true), {}, {}, [semaphore = semaphore_]() mutable { semaphore.release(); }};
    }
    Result get_value(const MethodCall& call) {
        expect_no_arguments(call);
        return value_result(static_cast<std::int64_t>(semaphore_.get_value()));
    }
    Result locked(const MethodCall& call) {
        expect_no_arguments(call);
        return value_result(semaphore_.locked());
    }

    Semaphore semaphore_;
    const std::string type_id_;
};

}  // namespace

std::shared_ptr<SharedObject> share(const Event& event) {
    return std::make_shared<EventObject>(event);
}
std::shared_ptr<SharedObject> share(const Lock& lock) {
    return std::make_shared<LockObject>(lock);
}
std::shared_ptr<SharedObject> share(const Semaphore& semaphore) {
    return std::make_shared<SemaphoreObject>(semaphore, "Semaphore");
}
std::shared_ptr<SharedObject> share(const BoundedSemaphore& semaphore) {
    return std::make_shared<SemaphoreObject>(semaphore, "BoundedSemaphore");
}

}  // namespace cohort::manager::detail
