// SPDX-License-Identifier: MIT
#include <cohort/channel/wait.hpp>

#include <cohort/base/errors.hpp>
#include <cohort/channel/detail/queue_state.hpp>

#include "channel/end.hpp"
#include "channel/memory_watch.hpp"
#include "os/eventfd.hpp"
#include "os/poll.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

namespace cohort {

namespace channel {

/// The objects of one call of wait().
class WaitCall {
public:
    explicit WaitCall(const std::vector<Waitable>& objects) : objects_(objects) {
        for (const Waitable& object : objects) {
            if (object.end_) in_use_.emplace_back(*object.end_);
            if (object.event_) events_.push_back(object.event_.get());
            // poll() passes over what has no descriptor.
            entries_.push_back({.fd = object.descriptor_, .events = POLLIN, .revents = 0});
        }
    }

    std::vector<Waitable> run(const Deadline& deadline) {
        if (events_.empty()) {
            os::poll(entries_, deadline);
            return ready(true);
        }
        for (;;) {
            const bool last = deadline.passed();
            if (has_descriptors()) os::poll(entries_, Deadline(std::chrono::seconds(0)));
            auto found = ready(last);
            if (last || !found.empty()) return found;
            sleep(deadline);
        }
    }

private:
    bool has_descriptors() const noexcept { return events_.size() != objects_.size(); }

    std::vector<Waitable> ready(bool last) {
        std::vector<Waitable> found;
        for (std::size_t i = 0; i != objects_.size(); ++i)
            if (is_ready(objects_[i], entries_[i], last)) found.push_back(objects_[i]);
        return found;
    }

    static bool is_ready(const Waitable& object, const pollfd& entry, bool last) {
        if (object.event_) return object.event_->ready(last);
        if (entry.revents & POLLNVAL)
            throw std::system_error(EBADF, std::system_category(), "poll descriptor " + std::to_string(entry.fd));
        return entry.revents != 0;
    }

    // Until something may be ready.
    void sleep(const Deadline& deadline) {
        if (!has_descriptors() && events_.size() <= kMostEvents) return sleep_on(events_, nullptr, deadline.at());
        watch();
        entries_.push_back({.fd = alarm_->get(), .events = POLLIN, .revents = 0});
        os::poll(entries_, deadline);
        entries_.pop_back();
    }

    // Has the alarm ring when an event is ready.
    void watch() {
        if (!alarm_) {
            alarm_.emplace();
            const MemoryEvents all(events_);
            for (std::size_t i = 0; i < all.size(); i += kMostEvents)
                watches_.push_back(
                    std::make_unique<MemoryWatch>(all.subspan(i, std::min(kMostEvents, all.size() - i)), *alarm_));
            return;
        }
        alarm_->take();
        for (const auto& each : watches_) each->go_on();
    }

    const std::vector<Waitable>& objects_;
    std::vector<End::Use> in_use_;
    std::vector<pollfd> entries_;  ///< one for each object
    std::vector<MemoryEvent*> events_;
    std::optional<os::Eventfd> alarm_;
    std::vector<std::unique_ptr<MemoryWatch>> watches_;
};

}  // namespace channel

Waitable::Waitable(const Connection& connection) : descriptor_(connection.fileno()), end_(connection.end_) {}

Waitable::Waitable(const channel::detail::QueueState& queue) : descriptor_(-1), event_(queue.event()) {}

Waitable::Waitable(int descriptor) : descriptor_(descriptor) {
    if (descriptor < 0) throw ValueError("cannot wait for descriptor " + std::to_string(descriptor));
}

bool operator==(const Waitable& one, const Waitable& other) noexcept {
    if (one.event_ && other.event_) return one.event_->identity() == other.event_->identity();
    return one.event_ == other.event_ && one.end_ == other.end_ && one.descriptor_ == other.descriptor_;
}

std::vector<Waitable> wait(const std::vector<Waitable>& objects, Timeout timeout) {
    const Deadline deadline(timeout);
    return channel::WaitCall(objects).run(deadline);
}

}  // namespace cohort
