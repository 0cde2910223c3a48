// SPDX-License-Identifier: MIT
#include "manager/shared/shared_referent.hpp"

#include <cohort/serial/object_dict.hpp>
#include <cohort/serial/object_instance.hpp>

#include "manager/python_error.hpp"
#include "manager/reference.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace cohort::manager {

/// A call on its way. Of the server's thread, but for the object's call itself.
struct SharedReferent::Running {
    Running(Call taken, const std::atomic<bool>& server_ends)
        : call(std::move(taken)), caller(call.client(), call.holder(), server_ends) {}

    void carry_out(detail::SharedObject& object) {
        try {
            result = object.call({call.method(), {call.args(), call.kwds(), call.method()}, caller});
        } catch (const detail::WaitAbandoned&) {
            abandoned = true;
        } catch (...) {
            error = current_python_exception();
        }
    }

    Call call;
    detail::Caller caller;
    std::shared_ptr<const Reference> keeps{};
    detail::Result result{};
    std::optional<Object> error{};
    bool abandoned = false;
};

SharedReferent::SharedReferent(std::shared_ptr<detail::SharedObject> object, SharedHost host)
    : object_(std::move(object)), host_(std::move(host)), type_name_("<class '" + object_->class_name() + "'>") {}

SharedReferent::~SharedReferent() {
    try {
        host_.workers.run([object = std::move(object_)]() mutable -> std::function<void()> {
            object.reset();
            return [] {};
        });
    } catch (const std::exception&) {
        // No thread could be had: it has ended here.
    }
}

bool SharedReferent::has(std::string_view method) const {
    return std::ranges::find(exposed(), method) != exposed().end() || object_->has_hidden(method);
}

Object SharedReferent::value() const {
    raise_type_error("cannot pickle '" + object_->class_name() + "' object");
}

void SharedReferent::call(Call& call) {
    if (!has(call.method())) throw NoSuchMethod();
    const auto running = std::make_shared<Running>(std::move(call), host_.workers.ends());
    if (const auto objects = host_.objects.lock()) running->keeps = objects->reference_to(*this);
    if (object_->is_serial() && !running_.empty())
        waiting_.push_back(running);
    else
        start(running);
}

// @returns whether it runs
bool SharedReferent::start(const std::shared_ptr<Running>& running) {
    running_.insert(running);
    try {
        host_.workers.run([self = shared_from_this(), running]() -> std::function<void()> {
            running->carry_out(*self->object_);
            return [self, running] { self->finish(running); };
        });
        return true;
    } catch (...) {
        running_.erase(running);
        running->call.fail(current_python_exception());
        return false;
    }
}

void SharedReferent::start_next() {
    while (!waiting_.empty()) {
        const auto next = std::move(waiting_.front());
        waiting_.pop_front();
        if (!next->caller.has_gone() && start(next)) return;
    }
}

void SharedReferent::finish(const std::shared_ptr<Running>& running) {
    running_.erase(running);
    if (running_.empty()) start_next();
    if (running->caller.has_gone()) return give_back(*running);
    answer(*running);
    running->keeps.reset();
}

void SharedReferent::answer(Running& running) {
    if (running.abandoned) return running.call.forget();
    if (running.error) return running.call.fail(std::move(*running.error));
    try {
        if (auto referent = shared_object_in(running.result, host_)) {
            std::string type_id = running.result.object ? running.result.object->type_id()
                                                        : ObjectProxyParts::from(running.result.value).token.type_id;
            return running.call.reply_proxy(std::move(type_id), std::move(referent));
        }
        running.call.reply(std::move(running.result.value));
    } catch (...) {
        running.call.fail(current_python_exception());
    }
}

void SharedReferent::give_back(Running& running) {
    running.call.forget();
    const auto result = std::make_shared<detail::Result>(std::move(running.result));
    host_.workers.run([self = shared_from_this(), result]() -> std::function<void()> {
        if (result->undo) result->undo();
        *result = {};  // what it holds may end here
        return [self] {};
    });
}

void SharedReferent::client_gone(ClientId client) {
    for (const auto& each : running_)
        if (each->caller.client() == client) each->caller.leave();
    for (const auto& each : waiting_)
        if (each->caller.client() == client) each->caller.leave();
    object_->client_gone(client);
}

std::shared_ptr<Referent> shared_object_in(const detail::Result& result, const SharedHost& host) {
    const auto objects = host.objects.lock();
    if (objects && result.value.is(Object::Kind::proxy))
        if (auto own = referent_of(objects->adopt(result.value))) return own;
    if (!result.object) return nullptr;
    return std::make_shared<SharedReferent>(result.object, host);
}

}  // namespace cohort::manager
