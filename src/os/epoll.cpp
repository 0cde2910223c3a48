// SPDX-License-Identifier: MIT
#include "os/epoll.hpp"

#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/poll.hpp"
#include "os/system_call.hpp"

#include <cerrno>
#include <optional>

namespace cohort::os {

namespace {

epoll_event make_event(std::uint32_t events, std::uint64_t key) noexcept {
    epoll_event event{};
    event.events = events;
    event.data.u64 = key;
    return event;
}

int wait_once(int set, std::span<epoll_event> events, const Deadline& deadline) {
    std::optional<timespec> time;
    if (const auto left = deadline.left()) time = to_timespec(*left);
    return system_call("epoll_pwait2", [&] {
        return ::epoll_pwait2(set, events.data(), static_cast<int>(events.size()), time ? &*time : nullptr, nullptr);
    });
}

}  // namespace

Epoll::Epoll()
    : descriptor_(above_standard_streams(
          Descriptor(checked("epoll_create1", {}, [] { return ::epoll_create1(EPOLL_CLOEXEC); })))) {}

void Epoll::control(int operation, int descriptor, epoll_event event) const {
    checked("epoll_ctl", descriptor_text(descriptor),
            [&] { return ::epoll_ctl(get(), operation, descriptor, &event); });
}

void Epoll::add(int descriptor, std::uint32_t events, std::uint64_t key) const {
    control(EPOLL_CTL_ADD, descriptor, make_event(events, key));
}

void Epoll::modify(int descriptor, std::uint32_t events, std::uint64_t key) const {
    control(EPOLL_CTL_MOD, descriptor, make_event(events, key));
}

void Epoll::remove(int descriptor) const {
    control(EPOLL_CTL_DEL, descriptor, {});
}

std::span<epoll_event> Epoll::look(std::span<epoll_event> events) const {
    const int count = checked("epoll_wait", descriptor_text(get()),
                              [&] { return ::epoll_wait(get(), events.data(), static_cast<int>(events.size()), 0); });
    return events.first(static_cast<std::size_t>(count));
}

std::span<epoll_event> Epoll::wait(std::span<epoll_event> events, const Deadline& deadline) const {
    for (;;) {
        const int count = wait_once(get(), events, deadline);
        if (count >= 0) return events.first(static_cast<std::size_t>(count));
        if (errno == ENOSYS || errno == EPERM) break;  // before Linux 5.11, or not allowed
        if (errno != EINTR) throw_error(errno, "epoll_pwait2", descriptor_text(get()));
    }
    // The set's own descriptor is polled, since epoll_wait counts in milliseconds. Another thread may be faster.
    for (;;) {
        if (!wait_readable(get(), deadline)) return events.first(0);
        const auto found = look(events);
        if (!found.empty() || deadline.passed()) return found;
    }
}

}  // namespace cohort::os
