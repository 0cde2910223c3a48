// SPDX-License-Identifier: MIT
// A pointer means nothing at the other end of a pipe.
// expect: cohort: a raw pointer cannot be sent: send the value itself, text as std::string, a std::unique_ptr or a
// std::shared_ptr
#include <cohort/channel/pipe.hpp>

#include <memory>

void send(const cohort::Connection& connection, std::unique_ptr<int> number) {
#ifdef CURED
    connection.send(number);
#else
    connection.send(number.get());
#endif
}
