// SPDX-License-Identifier: MIT
#include <cohort/manager/detail/shared_handles.hpp>

#include "manager/shared/handle_methods.hpp"

#include <memory>
#include <utility>

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

}  // namespace

std::shared_ptr<SharedObject> share(const Event& event) {
    return std::make_shared<EventObject>(event);
}

}  // namespace cohort::manager::detail
