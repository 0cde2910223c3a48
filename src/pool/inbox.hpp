// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/pool/detail/queue_links.hpp>

#include <atomic>
#include <utility>

namespace cohort::pool {

/// Where calls are left for whoever has the pool's mutex, by threads that do not wait for it: a stack, linked by the
/// calls themselves, that is taken as a whole and turned round.
///
/// Invariants
///  1. `last_` is closed, or null, or the call that was put last, from which `after` leads to those before it.
///  2. Closed is for ever: a call is either taken, or was not put.
///  3. put() and take() are sequentially consistent: one who puts and then looks whether it has to wake somebody, and
///     one who says that it has to be woken and then looks for calls, do not miss each other.
///
/// Thread safety: put() and empty() from any thread; the others one at a time.
class Inbox {
public:
    /// @returns false, and does nothing, if it is closed
    bool put(QueueLinks& call) noexcept {
        QueueLinks* last = last_.load(std::memory_order_relaxed);
        do {
            if (last == closed()) return false;
            call.after = last;
        } while (!last_.compare_exchange_weak(last, &call));
        return true;
    }

    bool empty() const noexcept {
        const QueueLinks* const last = last_.load();
        return last == nullptr || last == closed();
    }

    /// Takes all calls that are there. @returns the oldest, from which `after` leads to the next ones; or null
    QueueLinks* take() noexcept { return empty() ? nullptr : turned_round(last_.exchange(nullptr)); }

    /// The same; nothing is put any more.
    QueueLinks* close() noexcept {
        QueueLinks* const last = last_.exchange(closed());
        return last == closed() ? nullptr : turned_round(last);
    }

private:
    QueueLinks* closed() const noexcept { return &end_; }
    static QueueLinks* turned_round(QueueLinks* last) noexcept {
        QueueLinks* first = nullptr;
        while (last) first = std::exchange(last, std::exchange(last->after, first));
        return first;
    }

    mutable QueueLinks end_{true};
    std::atomic<QueueLinks*> last_{nullptr};
};

}  // namespace cohort::pool
