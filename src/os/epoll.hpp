// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/os/descriptor.hpp>

#include <sys/epoll.h>

#include <cstdint>
#include <span>

namespace cohort::os {

/// A set of descriptors to wait for, kept by the kernel.
///
/// Thread safety: all members.
/// FORK: parent and child share one set, and see each other's changes: a child makes its own.
class Epoll {
public:
    /// @throws std::system_error
    Epoll();

    /// The descriptor, which is readable when one of the set has an event; owned by this object.
    int get() const noexcept { return descriptor_.get(); }

    /// Adds a descriptor, which stays the caller's.
    /// @param events EPOLLIN, EPOLLOUT, …
    /// @param key what wait() gives for it, in `data.u64`
    void add(int descriptor, std::uint32_t events, std::uint64_t key) const;
    /// Waits for other events of a descriptor of the set.
    void modify(int descriptor, std::uint32_t events, std::uint64_t key) const;
    /// Takes a descriptor out of the set: before it is closed, where it has copies in other processes.
    void remove(int descriptor) const;

    /// Waits until a descriptor of the set has an event; signals do not end the wait.
    /// @param events filled from the front; not empty
    /// @return what was filled; empty when the time is up
    std::span<epoll_event> wait(std::span<epoll_event> events, const Deadline& deadline) const;

    /// The same without waiting.
    std::span<epoll_event> look(std::span<epoll_event> events) const;

private:
    void control(int operation, int descriptor, epoll_event event) const;

    Descriptor descriptor_;
};

}  // namespace cohort::os
