// SPDX-License-Identifier: MIT
#include <cohort/channel/connection.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/serial/pickle.hpp>

#include "channel/packet.hpp"

#include <algorithm>

namespace cohort {

void Connection::send_object(const Object& object) const {
    serial::BufferSink sink;
    pickle::dump(sink, object);
    send_bytes(sink.bytes());
}

Object Connection::recv_object() const {
    const auto bytes = recv_bytes();
    const auto mark = std::as_bytes(std::span(channel::kValueMark));
    if (bytes.size() >= mark.size() && std::ranges::equal(mark, std::span(bytes).first(mark.size())))
        throw SerializationError("cohort::Object",
                                 "received a value of send() where one of send_object() was expected: recv() takes it");
    return pickle::loads(bytes);
}

}  // namespace cohort
