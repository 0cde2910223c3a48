// SPDX-License-Identifier: MIT
#include "manager/types/pool.hpp"

#include "manager/types/arguments.hpp"
#include "manager/types/slices.hpp"

#include <optional>
#include <utility>

namespace cohort::manager {

namespace {

void refuse_callbacks(const Object& callback, const Object& error_callback) {
    if (!callback.is_none() || !error_callback.is_none())
        raise_type_error("a pool in a server of cohort calls nothing back: it runs no code of clients");
}

/// The outcomes of many tasks: their results, or the first exception, when all have ended.
class Gathering {
public:
    Gathering(std::size_t count, std::function<void(Outcome)> done)
        : results_(count), left_(count), done_(std::move(done)) {}

    void take(std::size_t number, Outcome outcome) {
        if (outcome.failed && number < first_failed_) {
            first_failed_ = number;
            error_ = outcome.value;
        }
        results_[number] = std::move(outcome.value);
        if (--left_ > 0) return;
        if (error_)
            done_({std::move(*error_), true});
        else
            done_({Object::list(std::move(results_)), false});
    }

private:
    std::vector<Object> results_;
    std::size_t left_;
    std::size_t first_failed_ = static_cast<std::size_t>(-1);
    std::optional<Object> error_;
    const std::function<void(Outcome)> done_;
};

}  // namespace

PoolReferent::PoolReferent(Timers& timers, std::shared_ptr<const Tasks> tasks, std::shared_ptr<TaskRunner> runner)
    : timers_(timers), tasks_(std::move(tasks)), runner_(std::move(runner)) {}

const Methods<PoolReferent>& PoolReferent::methods() {
    using Self = PoolReferent;
    static const Methods<Self> all{
        {"apply", nullptr, with_keywords()},
        {"apply_async", nullptr, with_keywords()},
        {"close", &Self::close, takes(0)},
        {"imap", nullptr, with_keywords()},
        {"imap_unordered", nullptr, with_keywords()},
        {"join", nullptr, with_keywords()},
        {"map", nullptr, with_keywords()},
        {"map_async", nullptr, with_keywords()},
        {"starmap", nullptr, with_keywords()},
        {"starmap_async", nullptr, with_keywords()},
        {"terminate", &Self::terminate, takes(0)},
    };
    return all;
}

const std::vector<std::string_view>& PoolReferent::exposed() const {
    return methods().exposed();
}

Object PoolReferent::value() const {
    raise("NotImplementedError", "pool objects cannot be passed between processes or pickled");
}

std::string PoolReferent::repr() const {
    const char* state = state_ == State::run ? "RUN" : state_ == State::close ? "CLOSE" : "TERMINATE";
    return std::string("<multiprocessing.pool.Pool state=") + state +
           " pool_size=" + std::to_string(runner_->at_once()) + ">";
}

void PoolReferent::call(Call& call) {
    const std::string_view method = call.method();
    if (method == "apply" || method == "apply_async") return apply(call, method == "apply_async");
    if (method == "map" || method == "map_async") return map(call, Form::one, method == "map_async");
    if (method == "starmap" || method == "starmap_async") return map(call, Form::star, method == "starmap_async");
    if (method == "imap") return imap(call, ResultIterator::Order::of_tasks);
    if (method == "imap_unordered") return imap(call, ResultIterator::Order::of_ends);
    if (method == "join") return join(call);
    call.reply(methods().run(*this, call, "Pool"));
}

void PoolReferent::require_running() const {
    if (state_ != State::run) raise_value_error("Pool not running");
}

const Task& PoolReferent::task(const Object& function) const {
    if (!function.is(Object::Kind::str))
        raise_type_error("a pool in a server of cohort runs what is registered there: give its name, not " +
                         function.repr());
    const auto found = tasks_->find(function.as_str());
    if (found == tasks_->end()) raise_key_error(function);
    return found->second;
}

PoolReferent::Done PoolReferent::destination(Call& call, bool asynchronous) {
    if (!asynchronous) {
        const auto kept = std::make_shared<Call>(std::move(call));
        return [kept](const Outcome& outcome) { outcome.answer(*kept); };
    }
    const auto result = std::make_shared<AsyncResultReferent>(timers_);
    call.reply_proxy("AsyncResult", result);
    return [result](Outcome outcome) { result->take(std::move(outcome)); };
}

void PoolReferent::apply(Call& call, bool asynchronous) {
    const auto given = bind_arguments(
        "Pool.apply", {"func", {"args", Object::tuple()}, {"kwds", Object::dict()}, "callback", "error_callback"}, 1,
        call.args(), call.kwds());
    require_running();
    refuse_callbacks(given[3], given[4]);
    if (!given[2].is(Object::Kind::dict)) raise_type_error("argument after ** must be a mapping");
    const Task& function = task(given[0]);
    Object args = Object::tuple(iterate(given[1]));
    runner_->submit(function, std::move(args), given[2], destination(call, asynchronous));
}

void PoolReferent::map(Call& call, Form form, bool asynchronous) {
    const auto given = bind_arguments("Pool.map", {"func", "iterable", "chunksize", "callback", "error_callback"}, 2,
                                      call.args(), call.kwds());
    require_running();
    refuse_callbacks(given[3], given[4]);
    const Task& function = task(given[0]);
    Items items = iterate(given[1]);
    if (form == Form::star)
        for (Object& each : items) each = Object::tuple(iterate(each));
    submit_all(function, std::move(items), form, destination(call, asynchronous));
}

void PoolReferent::submit_all(const Task& task, Items items, Form form, const Done& done) {
    if (items.empty()) return done({Object::list({}), false});
    const auto all = std::make_shared<Gathering>(items.size(), done);
    for (std::size_t number = 0; number < items.size(); ++number)
        runner_->submit(task, form == Form::star ? items[number] : Object::tuple({items[number]}), Object::dict(),
                        [all, number](Outcome outcome) { all->take(number, std::move(outcome)); });
}

void PoolReferent::imap(Call& call, ResultIterator::Order order) {
    const auto given = bind_arguments("Pool.imap", {"func", "iterable", {"chunksize", 1}}, 2, call.args(), call.kwds());
    require_running();
    if (!is_int(given[2]) || given[2] < Object(1)) raise_value_error("Chunksize must be 1+, not " + given[2].repr());
    const Task& function = task(given[0]);
    const Items items = iterate(given[1]);
    const auto results = std::make_shared<ResultIterator>(timers_, order, items.size());
    call.reply_proxy("Iterator", results);
    for (std::size_t number = 0; number < items.size(); ++number)
        runner_->submit(function, Object::tuple({items[number]}), Object::dict(),
                        [results, number](Outcome outcome) { results->take(number, std::move(outcome)); });
}

Object PoolReferent::close(const Parameters&) {
    if (state_ == State::run) state_ = State::close;
    return {};
}

Object PoolReferent::terminate(const Parameters&) {
    state_ = State::terminate;
    runner_->cancel();
    return {};
}

void PoolReferent::join(Call& call) {
    if (state_ == State::run) raise_value_error("Pool is still running");
    runner_->answer_when_idle(call);
}

}  // namespace cohort::manager
