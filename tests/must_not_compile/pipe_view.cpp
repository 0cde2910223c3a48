// SPDX-License-Identifier: MIT
// What is received must own its memory.
// expect: cohort: a view cannot be sent: send the container or the std::string that owns the elements
#include <cohort/channel/pipe.hpp>

#include <string>
#include <string_view>

void receive(const cohort::Connection& connection) {
#ifdef CURED
    auto text = connection.recv<std::string>();
#else
    auto text = connection.recv<std::string_view>();
#endif
}
