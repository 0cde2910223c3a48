// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/serial/object_dict.hpp>

#include "manager/python_error.hpp"
#include "manager/referent.hpp"
#include "manager/timers.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cohort::manager {

/// Keeps the answer of a call.
struct Answered : ReplyTo {
    void take(Answer taken) override { answer = std::move(taken); }
    std::optional<Answer> answer{};
};

/// Calls a method of an object as a server does. The answer may come later.
inline std::shared_ptr<Answered> begin_call(Referent& referent, const char* method, std::vector<Object> args = {},
                                            const Object& kwds = Object::dict(), ClientId client = 1,
                                            HolderId holder = 0) {
    auto answered = std::make_shared<Answered>();
    Call call(answered, client, method, Object::tuple(std::move(args)), kwds, holder);
    try {
        referent.call(call);
    } catch (const PythonError& error) {
        call.fail(error.exception());
    } catch (const NoSuchMethod&) {
        call.fail_with_traceback("no such method");
    } catch (...) {
        call.fail(current_python_exception());
    }
    return answered;
}

/// What a call has come to: the repr of what it returned, or how the exception is printed.
inline std::string text_of(const Answered& answered) {
    if (!answered.answer) return "waits";
    const Answer& answer = *answered.answer;
    if (answer.kind == Answer::Kind::value) return answer.content.repr();
    if (answer.kind == Answer::Kind::proxy) return "proxy of " + answer.type_id;
    return answer.kind == Answer::Kind::error ? describe_exception(answer.content) : answer.content.str();
}

/// The answer of a call that is answered at once.
inline std::string call(Referent& referent, const char* method, std::vector<Object> args = {},
                        const Object& kwds = Object::dict()) {
    return text_of(*begin_call(referent, method, std::move(args), kwds));
}

/// A client that calls methods of one object.
struct TestClient {
    ClientId client;
    HolderId holder = 0;

    std::shared_ptr<Answered> begin(Referent& referent, const char* method, std::vector<Object> args = {}) const {
        return begin_call(referent, method, std::move(args), Object::dict(), client, holder);
    }
    std::string call(Referent& referent, const char* method, std::vector<Object> args = {}) const {
        return text_of(*begin(referent, method, std::move(args)));
    }
    void dies(Referent& referent) const {
        referent.client_gone(client);
        if (holder) referent.holder_gone(holder);
    }
};

/// Timers that run when they are told to.
class TestTimers final : public Timers {
public:
    Id call_at(Deadline::Clock::time_point, std::function<void()> callback) override {
        callbacks_.emplace(++last_, std::move(callback));
        return last_;
    }
    void cancel(Id id) noexcept override { callbacks_.erase(id); }
    std::size_t size() const noexcept { return callbacks_.size(); }
    /// The time of all of them has come.
    void run_all() {
        for (const auto& [id, callback] : std::exchange(callbacks_, {})) callback();
    }

private:
    std::map<Id, std::function<void()>> callbacks_;
    Id last_ = 0;
};

}  // namespace cohort::manager
