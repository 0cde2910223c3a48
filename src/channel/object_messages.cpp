// SPDX-License-Identifier: MIT
#include <cohort/channel/connection.hpp>

#include <cohort/serial/pickle.hpp>

namespace cohort {

void Connection::send_object(const Object& object) const {
    serial::BufferSink sink;
    pickle::dump(sink, object);
    send_bytes(sink.bytes());
}

Object Connection::recv_object() const {
    const auto bytes = recv_bytes();
    return pickle::loads(bytes);
}

}  // namespace cohort
