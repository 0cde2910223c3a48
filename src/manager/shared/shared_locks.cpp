// SPDX-License-Identifier: MIT
#include <cohort/manager/detail/shared_handles.hpp>

#include "manager/shared/client_lock.hpp"
#include "manager/shared/handle_methods.hpp"
#include "manager/types/slices.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

namespace cohort::manager::detail {

namespace {

/// A Lock or an RLock of the program: a client that dies with it releases it, as the program's own processes do. A
/// Lock if the end of its process is seen: the end of a connection is none, Python's clients also close one whose
/// proxies they still have. An RLock with its connection, since nobody else could release it.
class LockObject : public SharedObject {
public:
    explicit LockObject(const ClientLock::AnyLock& lock) : lock_(ClientLock::of(lock)) {}

    const void* identity() const noexcept override { return lock_->identity(); }
    std::string type_id() const override { return lock_->is_recursive() ? "RLock" : "Lock"; }
    std::string class_name() const override { return lock_->is_recursive() ? "_thread.RLock" : "_thread.lock"; }
    const std::vector<std::string_view>& methods() const override { return table().names(); }
    bool has_hidden(std::string_view name) const override { return table().has_hidden(name); }
    Result call(const MethodCall& call) override { return table().run(*this, call); }
    void client_gone(std::uint64_t client) noexcept override { lock_->client_gone(client); }
    void process_gone(std::uint64_t process) noexcept override { lock_->process_gone(process); }

protected:
    Result acquire(const MethodCall& call) {
        const auto turn = lock_->acquire(call.caller, acquire_wait(call));
        return turn ? taken(true, *turn) : value_result(false);
    }
    Result release(const MethodCall& call) {
        expect_no_arguments(call);
        lock_->release(call.caller);
        return {};
    }
    Result locked(const MethodCall& call) {
        expect_no_arguments(call);
        return value_result(lock_->locked());
    }
    Result abandoned(const MethodCall& call) {
        expect_no_arguments(call);
        return value_result(lock_->abandoned());
    }
    // The client has the lock.
    Result taken(bool result, ClientLock::Turn turn) const {
        return {Object(result), {}, {}, [lock = lock_, turn] { lock->take_back(turn); }};
    }

    const std::shared_ptr<ClientLock> lock_;

private:
    static const HandleMethods<LockObject>& table() {
        using Self = LockObject;
        static const HandleMethods<Self> all{
            {{"acquire", &Self::acquire}, {"release", &Self::release}, {"locked", &Self::locked}},
            {{"#cohort.abandoned", &Self::abandoned}}};
        return all;
    }
};

/// A Condition of the program: its lock, and what waits for it.
///
/// DEATH: of a client that waits: it swallows no notification, see ClientLock.
class ConditionObject final : public LockObject {
public:
    explicit ConditionObject(const Condition& condition) : LockObject(condition.get_lock()), condition_(condition) {}

    const void* identity() const noexcept override { return condition_.object().get(); }
    std::string type_id() const override { return "Condition"; }
    std::string class_name() const override { return "threading.Condition"; }
    const std::vector<std::string_view>& methods() const override { return table().names(); }
    bool has_hidden(std::string_view name) const override { return table().has_hidden(name); }
    Result call(const MethodCall& call) override { return table().run(*this, call); }

private:
    static const HandleMethods<ConditionObject>& table() {
        using Self = ConditionObject;
        static const HandleMethods<Self> all{{{"acquire", &Self::acquire},
                                              {"release", &Self::release},
                                              {"wait", &Self::wait},
                                              {"notify", &Self::notify},
                                              {"notify_all", &Self::notify_all},
                                              {"locked", &Self::locked}},
                                             {{"#cohort.abandoned", &Self::abandoned}}};
        return all;
    }

    Result wait(const MethodCall& call) {
        const Timeout timeout = timeout_argument(bind_to<1>(call, {"timeout"}, 0)[0]);
        const auto waited = lock_->wait(condition_, call.caller, timeout);
        return taken(waited.notified, waited.turn);
    }
    Result notify(const MethodCall& call) {
        const Object* n = bind_to<1>(call, {"n"}, 0)[0];
        const std::int64_t count = n ? clamped_int(*n) : 1;
        lock_->notify(condition_, call.caller, static_cast<std::uint32_t>(std::clamp<std::int64_t>(count, 0, kMost)));
        return {};
    }
    Result notify_all(const MethodCall& call) {
        expect_no_arguments(call);
        lock_->notify(condition_, call.caller, kMost);
        return {};
    }

    static constexpr std::uint32_t kMost = 0xffff;  // more than can wait

    const Condition condition_;
};

}  // namespace

std::shared_ptr<SharedObject> share(const Lock& lock) {
    return std::make_shared<LockObject>(lock);
}
std::shared_ptr<SharedObject> share(const RLock& lock) {
    return std::make_shared<LockObject>(lock);
}
std::shared_ptr<SharedObject> share(const Condition& condition) {
    return std::make_shared<ConditionObject>(condition);
}

}  // namespace cohort::manager::detail
