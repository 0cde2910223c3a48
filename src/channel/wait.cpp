// SPDX-License-Identifier: MIT
#include <cohort/channel/wait.hpp>

#include <cohort/base/errors.hpp>

#include "channel/end.hpp"
#include "os/poll.hpp"

#include <cerrno>
#include <string>
#include <system_error>

namespace cohort {

using channel::End;

Waitable::Waitable(const Connection& connection) : descriptor_(connection.fileno()), end_(connection.end_) {}

Waitable::Waitable(int descriptor) : descriptor_(descriptor) {
    if (descriptor < 0) throw ValueError("cannot wait for descriptor " + std::to_string(descriptor));
}

std::vector<Waitable> wait(const std::vector<Waitable>& objects, Timeout timeout) {
    std::vector<End::Use> in_use;
    std::vector<pollfd> entries;
    for (const Waitable& object : objects) {
        if (object.end_) in_use.emplace_back(*object.end_);
        entries.push_back({.fd = object.descriptor_, .events = POLLIN, .revents = 0});
    }
    os::poll(entries, Deadline(timeout));
    std::vector<Waitable> ready;
    for (std::size_t i = 0; i < objects.size(); ++i) {
        if (entries[i].revents & POLLNVAL)
            throw std::system_error(EBADF, std::system_category(), "poll descriptor " + std::to_string(entries[i].fd));
        if (entries[i].revents != 0) ready.push_back(objects[i]);
    }
    return ready;
}

}  // namespace cohort
