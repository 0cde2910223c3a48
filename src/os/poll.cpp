// SPDX-License-Identifier: MIT
#include "os/poll.hpp"

#include "os/clock.hpp"
#include "os/system_call.hpp"

#include <optional>

namespace cohort::os {

namespace {

int poll_once(std::span<pollfd> entries, const Deadline& deadline) {
    std::optional<timespec> time;
    if (auto left = deadline.left()) time = to_timespec(*left);
    return system_call("poll",
                       [&] { return ::ppoll(entries.data(), entries.size(), time ? &*time : nullptr, nullptr); });
}

bool wait_for(int descriptor, short events, const Deadline& deadline) {
    pollfd entry{descriptor, events, 0};
    return poll({&entry, 1}, deadline) > 0;
}

}  // namespace

int poll(std::span<pollfd> entries, const Deadline& deadline) {
    for (;;) {
        int ready = poll_once(entries, deadline);
        if (ready >= 0) return ready;
        if (errno != EINTR) throw_error(errno, "poll");
    }
}

bool wait_readable(int descriptor, const Deadline& deadline) {
    return wait_for(descriptor, POLLIN, deadline);
}

bool wait_writable(int descriptor, const Deadline& deadline) {
    return wait_for(descriptor, POLLOUT, deadline);
}

}  // namespace cohort::os
