// SPDX-License-Identifier: MIT
#pragma once

#include "os/mapping.hpp"
#include "shm/doorbell.hpp"
#include "shm/spinner.hpp"

namespace bench {

/// Looks until ready, never sleeps.
struct BusyPoll {
    template <class Ready>
    void wait(cohort::shm::Doorbell&, Ready&& ready) {
        while (!ready()) cohort::shm::relax();
    }
    static void ring(cohort::shm::Doorbell&) {}
    void count() {}
};

/// Sleeps on a futex at once.
struct SleepAtOnce {
    template <class Ready>
    void wait(cohort::shm::Doorbell& bell, Ready&& ready) {
        for (;;) {
            if (ready()) return;
            const auto ticket = bell.listen();
            if (ready()) return;
            bell.wait(ticket);
        }
    }
    static void ring(cohort::shm::Doorbell& bell) { bell.ring(); }
    void count() {}
};

/// Spins as long as that pays, then sleeps.
struct SpinThenSleep {
    template <class Ready>
    void wait(cohort::shm::Doorbell& bell, Ready&& ready) {
        if (!spinner.spin(ready, handled)) SleepAtOnce().wait(bell, ready);
    }
    static void ring(cohort::shm::Doorbell& bell) { bell.ring(); }
    /// One more message was sent or received.
    void count() { ++handled; }

    cohort::shm::Spinner spinner{};
    std::uint64_t handled = 0;
};

/// The shared memory of one transport: two doorbells, then the ring.
class SharedRing {
public:
    explicit SharedRing(std::size_t bytes)
        : mapping_(cohort::os::Mapping::map_anonymous_shared(kRing + bytes)),
          items(*new (mapping_.data()) cohort::shm::Doorbell),
          room(*new (mapping_.data() + 128) cohort::shm::Doorbell) {
        mapping_.populate(0, mapping_.size());
    }
    std::byte* ring() const { return mapping_.data() + kRing; }

private:
    static constexpr std::size_t kRing = 256;
    cohort::os::Mapping mapping_;

public:
    cohort::shm::Doorbell& items;
    cohort::shm::Doorbell& room;
};

}  // namespace bench
