// SPDX-License-Identifier: MIT
#include <cohort/pool/detail/async_call.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/base/log.hpp>

#include "os/eventfd.hpp"
#include "pool/engine.hpp"
#include "process/describe_error.hpp"

#include <cstdio>
#include <mutex>
#include <string>
#include <utility>

namespace cohort::detail {

namespace {

// As Python's logging does as long as nobody has set it up: to stderr.
void report_callback(const std::exception_ptr& error) {
    const std::string text = "a callback of a pool has thrown " + process::describe_error(error);
    if (get_logger().is_enabled_for(LogLevel::error)) return get_logger().error(text);
    std::fputs((text + "\n").c_str(), stderr);
    std::fflush(stderr);
}

}  // namespace

void call_logged(const std::function<void()>& callback) noexcept {
    try {
        callback();
    } catch (...) {
        report_callback(std::current_exception());
    }
}

AsyncCall::~AsyncCall() {
    delete extras_.load(std::memory_order_relaxed);
}

AsyncExtras& AsyncCall::extras() {
    if (AsyncExtras* const its = extras_.load(std::memory_order_acquire)) return *its;
    auto fresh = std::make_unique<AsyncExtras>();
    AsyncExtras* found = nullptr;
    // Acquire and release: who finds it finds it whole.
    return extras_.compare_exchange_strong(found, fresh.get(), std::memory_order_acq_rel) ? *fresh.release() : *found;
}

void AsyncCall::fail_empty() {
    throw ValueError("the result belongs to no call");
}

// A pool that is gone has concluded all its calls.
bool AsyncCall::wait(Timeout timeout) {
    if (ready()) return true;
    if (const auto engine = this->engine()) return engine->wait_for(*this, timeout);
    return ready();
}

void AsyncCall::wait_or_throw(Timeout timeout) {
    if (!wait(timeout)) throw TimeoutError("the result is not there yet");
}

bool AsyncCall::successful() const {
    if (!ready()) throw ValueError("the result is not ready");
    return !error_;
}

bool AsyncCall::running() const {
    if (concluded()) return false;
    const auto engine = this->engine();
    return engine && engine->is_running(*this);
}

bool AsyncCall::cancelled() const noexcept {
    if (!concluded() || !error_) return false;
    try {
        std::rethrow_exception(error_);
    } catch (const CancelledError&) {
        return true;
    } catch (...) {
        return false;
    }
}

bool AsyncCall::cancel() {
    if (concluded()) return false;
    const auto engine = this->engine();
    return engine && engine->cancel(*this);
}

// A pool that is gone has made all its calls ready.
bool AsyncCall::when_ready(std::function<void()> use) {
    if (ready()) return false;
    const auto engine = this->engine();
    return engine && engine->when_ready(*this, std::move(use));
}

int AsyncCall::sentinel() {
    static std::mutex mutex;  // of all calls: few are asked for theirs
    std::lock_guard lock(mutex);
    std::shared_ptr<os::Eventfd>& its = extras().sentinel;
    if (!its) {
        auto event = std::make_shared<os::Eventfd>();
        if (!when_ready([event] { event->add(); })) event->add();
        its = std::move(event);
    }
    return its->get();
}

void AsyncCall::rethrow() const {
    if (error_) std::rethrow_exception(error_);
}

void AsyncCall::conclude() noexcept {
    try {
        if (!error_) take_value();
    } catch (...) {
        error_ = std::current_exception();
    }
    state_.store(State::concluded, std::memory_order_release);
}

void AsyncCall::run_callback() noexcept {
    call_logged([this] {
        if (error_)
            extras().error_callback(error_);
        else
            extras().callback();
    });
}

void AsyncCall::run_start_callback() noexcept {
    call_logged(extras().on_start);
}

void AsyncCall::run_continuations() noexcept {
    if (!has_continuations()) return;
    for (const auto& use : std::exchange(extras().continuations, {})) call_logged(use);
}

}  // namespace cohort::detail
