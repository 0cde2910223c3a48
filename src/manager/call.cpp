// SPDX-License-Identifier: MIT
#include "manager/call.hpp"

#include "manager/referent.hpp"

namespace cohort::manager {

Referent::~Referent() = default;

Call::~Call() {
    if (!reply_to_) return;
    try {
        fail(Object::exception("RuntimeError", {Object("the server dropped the call")}));
    } catch (...) {
        // No memory: the connection's end tells the client.
    }
}

void Call::reply(Object value) {
    answer({Answer::Kind::value, std::move(value), {}, {}});
}

void Call::fail(Object exception) {
    answer({Answer::Kind::error, std::move(exception), {}, {}});
}

void Call::fail_with_traceback(const std::string& traceback) {
    answer({Answer::Kind::traceback, Object(traceback), {}, {}});
}

void Call::fail_to_send(const std::string& traceback) {
    answer({Answer::Kind::unserializable, Object(traceback), {}, {}});
}

void Call::reply_proxy(std::string type_id, std::shared_ptr<Referent> referent) {
    answer({Answer::Kind::proxy, {}, std::move(type_id), std::move(referent)});
}

void Call::answer(Answer answer) {
    if (const auto to = std::exchange(reply_to_, nullptr)) to->take(std::move(answer));
}

}  // namespace cohort::manager
