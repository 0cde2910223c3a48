// SPDX-License-Identifier: MIT
#include <cohort/manager/detail/shared_handles.hpp>

#include <cohort/base/errors.hpp>

#include "manager/python_error.hpp"
#include "manager/shared/client_lock.hpp"
#include "manager/shared/handle_methods.hpp"
#include "sync/barrier_state.hpp"
#include "sync/make_state.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace cohort::manager::detail {

namespace {

/// A Barrier of the program. Its action runs in the server if a client is the last one to arrive.
///
/// DEATH: of a client that waits: the barrier breaks.
class BarrierObject final : public SharedObject {
public:
    /// @throws ValueError  the handle was moved from
    explicit BarrierObject(Barrier barrier) : barrier_(std::move(barrier)) { barrier_.parties(); }

    const void* identity() const noexcept override { return barrier_.object().get(); }
    std::string type_id() const override { return "Barrier"; }
    std::string class_name() const override { return "threading.Barrier"; }
    const std::vector<std::string_view>& methods() const override { return table().names(); }
    bool has_hidden(std::string_view name) const override { return table().has_hidden(name); }
    Result call(const MethodCall& call) override { return table().run(*this, call); }

private:
    // A proxy that Python makes of the names would take `__getattribute__` for its own.
    static const HandleMethods<BarrierObject>& table() {
        using Self = BarrierObject;
        static const HandleMethods<Self> all{{{"wait", &Self::wait}, {"abort", &Self::abort}, {"reset", &Self::reset}},
                                             {{"__getattribute__", &Self::attribute}}};
        return all;
    }

    Result wait(const MethodCall& call) {
        const Object* given = bind_to<1>(call, {"timeout"}, 0)[0];
        const Timeout timeout = given && !given->is_none() ? timeout_argument(given) : barrier_.timeout();
        const std::function<bool()> gives_up = [&] { return !call.caller.waits(); };
        const sync::Caller me = sync_caller(call.caller.client(), &gives_up);
        auto& state = sync::state_at<sync::BarrierState>(barrier_.object()->data());
        const auto arrival = state.wait(me, shm::until(timeout), [this] {
            if (barrier_.action()) barrier_.action()();
        });
        if (arrival) return value_result(std::int64_t{*arrival});
        if (gives_up()) throw WaitAbandoned();
        throw BrokenBarrierError("the barrier is broken: a party gave up or died, or it was reset or aborted");
    }
    Result abort(const MethodCall& call) {
        expect_no_arguments(call);
        barrier_.abort();
        return {};
    }
    Result reset(const MethodCall& call) {
        expect_no_arguments(call);
        barrier_.reset();
        return {};
    }
    Result attribute(const MethodCall& call) {
        const Object& name = *bind_to<1>(call, {"name"}, 1)[0];
        if (name == Object("parties")) return value_result(static_cast<std::int64_t>(barrier_.parties()));
        if (name == Object("n_waiting")) return value_result(static_cast<std::int64_t>(barrier_.n_waiting()));
        if (name == Object("broken")) return value_result(barrier_.broken());
        raise("AttributeError", "'Barrier' object has no attribute " + name.repr());
    }

    Barrier barrier_;
};

}  // namespace

std::shared_ptr<SharedObject> share(const Barrier& barrier) {
    return std::make_shared<BarrierObject>(barrier);
}

}  // namespace cohort::manager::detail
