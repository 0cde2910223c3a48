// SPDX-License-Identifier: MIT
#include <cohort/manager/detail/shared_handles.hpp>

#include <cohort/base/errors.hpp>

#include "manager/shared/handle_methods.hpp"

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace cohort::manager::detail {

AnyQueue::~AnyQueue() = default;

namespace {

constexpr Timeout kNow = std::chrono::seconds(0);

/// A Queue or a JoinableQueue of the program, with the methods of queue.Queue.
///
/// A Queue of cohort does not count the items that are being worked on: for its join() and task_done(), those count
/// that clients have taken.
class QueueObject final : public SharedObject {
public:
    QueueObject(std::unique_ptr<AnyQueue> queue, QueueForm form)
        : queue_(std::move(queue)), joinable_(form == QueueForm::joinable) {}

    const void* identity() const noexcept override { return queue_->state().object().get(); }
    std::string type_id() const override { return joinable_ ? "JoinableQueue" : "Queue"; }
    std::string class_name() const override { return "queue.Queue"; }
    const std::vector<std::string_view>& methods() const override { return table().names(); }
    Result call(const MethodCall& call) override { return table().run(*this, call); }

private:
    static const HandleMethods<QueueObject>& table();

    Result put(const MethodCall& call);
    Result put_nowait(const MethodCall& call);
    Result get(const MethodCall& call);
    Result get_nowait(const MethodCall& call);
    Result qsize(const MethodCall& call);
    Result empty(const MethodCall& call);
    Result full(const MethodCall& call);
    Result task_done(const MethodCall& call);
    Result join(const MethodCall& call);

    void put(const Object& item, const Wait& wait) const;
    Result take(const Caller& caller, const Wait& wait);
    void put_back(const Object& item);
    void count_done();
    bool wait_until_done(Timeout timeout);

    const std::shared_ptr<AnyQueue> queue_;
    const bool joinable_;
    std::mutex mutex_;
    std::condition_variable done_;
    std::int64_t taken_ = 0;  // by clients, of a queue that does not count them
};

const HandleMethods<QueueObject>& QueueObject::table() {
    using Self = QueueObject;
    static const HandleMethods<Self> all{
        {"empty", &Self::empty},
        {"full", &Self::full},
        {"get", &Self::get},
        {"get_nowait", &Self::get_nowait},
        {"join", &Self::join},
        {"put", &Self::put},
        {"qsize", &Self::qsize},
        {"put_nowait", &Self::put_nowait},
        {"task_done", &Self::task_done},
    };
    return all;
}

void QueueObject::put(const Object& item, const Wait& wait) const {
    if (!queue_->put(item, wait)) throw Full("the queue is full");
}

Result QueueObject::put(const MethodCall& call) {
    const auto given = bind_to<3>(call, {"item", "block", "timeout"}, 1);
    put(*given[0], Wait(call.caller, wait_arguments(given[1], given[2])));
    return {};
}

Result QueueObject::put_nowait(const MethodCall& call) {
    put(*bind_to<1>(call, {"item"}, 1)[0], Wait(call.caller, kNow));
    return {};
}

Result QueueObject::get(const MethodCall& call) {
    const auto given = bind_to<2>(call, {"block", "timeout"}, 0);
    return take(call.caller, Wait(call.caller, wait_arguments(given[0], given[1])));
}

Result QueueObject::get_nowait(const MethodCall& call) {
    expect_no_arguments(call);
    return take(call.caller, Wait(call.caller, kNow));
}

Result QueueObject::take(const Caller&, const Wait& wait) {
    auto item = queue_->get(wait);
    if (!item) throw Empty("the queue is empty");
    if (!joinable_) {
        const std::lock_guard guard(mutex_);
        ++taken_;
    }
    return {*item, {}, {}, [this, item = *item] { put_back(item); }};
}

// It comes last then: better than not at all. A queue that is full or closed does not get it back.
void QueueObject::put_back(const Object& item) {
    static const std::atomic<bool> never{false};
    const Caller nobody(0, 0, never);
    try {
        queue_->put(item, Wait(nobody, std::chrono::seconds(1)));
        count_done();
    } catch (const std::exception&) {
    }
}

void QueueObject::count_done() {
    if (joinable_) return queue_->state().task_done();
    const std::lock_guard guard(mutex_);
    if (taken_ == 0) throw ValueError("task_done() called too many times");
    --taken_;
    done_.notify_all();
}

Result QueueObject::task_done(const MethodCall& call) {
    expect_no_arguments(call);
    count_done();
    return {};
}

bool QueueObject::wait_until_done(Timeout timeout) {
    if (joinable_) return queue_->state().join(timeout);
    std::unique_lock lock(mutex_);
    const auto is_done = [&] { return taken_ == 0 && queue_->state().empty(); };
    return done_.wait_for(lock, timeout.duration().value_or(std::chrono::seconds(1)), is_done);
}

Result QueueObject::join(const MethodCall& call) {
    expect_no_arguments(call);
    Wait(call.caller, forever).until([&](Timeout part) { return wait_until_done(part); });
    return {};
}

Result QueueObject::qsize(const MethodCall& call) {
    expect_no_arguments(call);
    return value_result(queue_->state().qsize());
}

Result QueueObject::empty(const MethodCall& call) {
    expect_no_arguments(call);
    return value_result(queue_->state().empty());
}

Result QueueObject::full(const MethodCall& call) {
    expect_no_arguments(call);
    return value_result(queue_->state().full());
}

}  // namespace

std::shared_ptr<SharedObject> share_queue(std::unique_ptr<AnyQueue> queue, QueueForm form) {
    return std::make_shared<QueueObject>(std::move(queue), form);
}

}  // namespace cohort::manager::detail
