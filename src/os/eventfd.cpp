// SPDX-License-Identifier: MIT
#include "os/eventfd.hpp"

#include "os/file.hpp"
#include "os/poll.hpp"
#include "os/system_call.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

namespace cohort::os {

Eventfd::Eventfd(unsigned count)
    : descriptor_(above_standard_streams(
          Descriptor(checked("eventfd", {}, [&] { return ::eventfd(count, EFD_CLOEXEC | EFD_NONBLOCK); })))) {}

void Eventfd::add(std::uint64_t count) const noexcept {
    int saved = errno;
    uninterrupted("write", [&] { return ::write(get(), &count, sizeof count); });
    errno = saved;
}

std::uint64_t Eventfd::take() const {
    std::uint64_t count = 0;
    if (uninterrupted("read", [&] { return ::read(get(), &count, sizeof count); }) < 0 && errno != EAGAIN)
        throw_error(errno, "read", "of an eventfd, " + descriptor_text(get()));
    return count;
}

bool Eventfd::wait(Timeout timeout) const {
    return wait_readable(get(), Deadline(timeout));
}

}  // namespace cohort::os
