// SPDX-License-Identifier: MIT
#include <cohort/manager/detail/shared_handles.hpp>

#include <cohort/base/errors.hpp>

#include "manager/shared/handle_methods.hpp"
#include "sync/make_state.hpp"
#include "sync/semaphore_state.hpp"
#include "sync/this_caller.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace cohort::manager::detail {

namespace {

/// A Semaphore of the program. What a client has taken by a guard comes back when it dies, and is held by the server's
/// process meanwhile: it comes back when that dies, too. What it takes by acquire() is gone with it.
///
/// A client is its process where the end of that is seen, else its connection.
class SemaphoreObject final : public SharedObject {
public:
    /// @throws ValueError  the handle was moved from
    SemaphoreObject(Semaphore semaphore, std::string type_id)
        : semaphore_(std::move(semaphore)), type_id_(std::move(type_id)) {
        semaphore_.get_value();
    }
    // No client can release them any more.
    ~SemaphoreObject() override {
        for (const Held* held : {&by_process_, &by_connection_})
            for (const auto& [holder, units] : *held) give_back(units);
    }

    const void* identity() const noexcept override { return semaphore_.object().get(); }
    std::string type_id() const override { return type_id_; }
    std::string class_name() const override { return "threading." + type_id_; }
    const std::vector<std::string_view>& methods() const override { return table().names(); }
    bool has_hidden(std::string_view name) const override { return table().has_hidden(name); }
    Result call(const MethodCall& call) override { return table().run(*this, call); }
    void client_gone(std::uint64_t client) noexcept override { give_back_all(by_connection_, client); }
    void process_gone(std::uint64_t process) noexcept override { give_back_all(by_process_, process); }

private:
    /// Units that guards hold.
    using Held = std::unordered_map<std::uint64_t, std::int64_t>;

    static const HandleMethods<SemaphoreObject>& table() {
        using Self = SemaphoreObject;
        static const HandleMethods<Self> all{{{"acquire", &Self::acquire}, {"release", &Self::release}},
                                             {{"#cohort.get_value", &Self::get_value},
                                              {"#cohort.try_lock", &Self::try_lock},
                                              {"get_value", &Self::get_value},
                                              {"locked", &Self::locked}}};
        return all;
    }

    // Python's `with` gives no arguments, and its `semaphore.acquire()` does.
    Result acquire(const MethodCall& call) {
        const Wait wait = acquire_wait(call);
        if (call.given.args.empty() && call.given.kwds.size() == 0) return acquire_held(call.caller, wait);
        if (!wait.until([&](Timeout part) { return semaphore_.acquire(part); })) return value_result(false);
        return {Object(true), {}, {}, [semaphore = semaphore_]() mutable { semaphore.release(); }};
    }
    Result try_lock(const MethodCall& call) {
        expect_no_arguments(call);
        return acquire_held(call.caller, Wait(call.caller, std::chrono::seconds(0)));
    }
    Result acquire_held(const Caller& caller, const Wait& wait) {
        const sync::Caller me = sync::this_caller();
        if (!wait.until([&](Timeout part) { return state().acquire_held(me, shm::until(part)); }))
            return value_result(false);
        Held& held = held_by(caller);
        const std::uint64_t holder = holder_of(caller);
        const std::lock_guard guard(mutex_);
        ++held[holder];
        return {Object(true), {}, {}, [this, &held, holder] { take_back(held, holder); }};
    }
    Result release(const MethodCall& call) {
        const Object* given = bind_to<1>(call, {"n"}, 0)[0];
        const std::ptrdiff_t n = given ? given->to<std::ptrdiff_t>() : 1;
        if (n < 1) throw ValueError("n must be one or more");
        const std::lock_guard guard(mutex_);
        const std::int64_t room = std::int64_t{state().bound()} - state().value();
        if (n > room) throw ValueError("semaphore or lock released too many times");
        const std::int64_t own = take(held_by(call.caller), holder_of(call.caller), n);
        give_back(own);
        if (own != n) semaphore_.release(n - own);
        return {};
    }
    Result get_value(const MethodCall& call) {
        expect_no_arguments(call);
        return value_result(static_cast<std::int64_t>(semaphore_.get_value()));
    }
    Result locked(const MethodCall& call) {
        expect_no_arguments(call);
        return value_result(semaphore_.locked());
    }

    sync::SemaphoreState& state() const { return sync::state_at<sync::SemaphoreState>(semaphore_.object()->data()); }
    Held& held_by(const Caller& caller) noexcept { return caller.process() ? by_process_ : by_connection_; }
    static std::uint64_t holder_of(const Caller& caller) noexcept {
        return caller.process() ? caller.process() : caller.client();
    }

    // With the mutex. @returns how many of these units the holder had, which it has no longer
    static std::int64_t take(Held& held, std::uint64_t holder, std::int64_t most) noexcept {
        const auto found = held.find(holder);
        if (found == held.end()) return 0;
        const std::int64_t units = std::min(most, found->second);
        if ((found->second -= units) == 0) held.erase(found);
        return units;
    }
    // Others may have released in the place of the holder: what goes over the bound is dropped.
    void give_back(std::int64_t units) noexcept {
        try {
            const sync::Caller me = sync::this_caller();
            for (; units > 0; --units) state().drop_held(me);
        } catch (const std::exception&) {
            // There is no memory to enter the roster: then this process holds nothing.
        }
    }
    void take_back(Held& held, std::uint64_t holder) noexcept {
        const std::lock_guard guard(mutex_);
        give_back(take(held, holder, 1));
    }
    void give_back_all(Held& held, std::uint64_t holder) noexcept {
        const std::lock_guard guard(mutex_);
        give_back(take(held, holder, sync::SemaphoreState::kMaxHeld));
    }

    Semaphore semaphore_;
    const std::string type_id_;
    std::mutex mutex_;
    Held by_process_;
    Held by_connection_;
};

}  // namespace

std::shared_ptr<SharedObject> share(const Semaphore& semaphore) {
    return std::make_shared<SemaphoreObject>(semaphore, "Semaphore");
}
std::shared_ptr<SharedObject> share(const BoundedSemaphore& semaphore) {
    return std::make_shared<SemaphoreObject>(semaphore, "BoundedSemaphore");
}

}  // namespace cohort::manager::detail
