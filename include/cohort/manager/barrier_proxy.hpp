// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/base/timeout.hpp>
#include <cohort/manager/detail/seconds.hpp>
#include <cohort/manager/object_proxy.hpp>

#include <cstddef>
#include <optional>
#include <utility>

namespace cohort {

/// Stands for a Barrier in a manager's server: where a fixed number of threads and processes wait for each other, again
/// and again.
///
/// Thread safety, FORK: as ObjectProxy. DEATH: of a party that waits: the barrier of a server of cohort is broken for
/// all.
class BarrierProxy : public ObjectProxy {
public:
    BarrierProxy() noexcept = default;
    /// @param proxy  of a Barrier
    explicit BarrierProxy(ObjectProxy proxy) noexcept : ObjectProxy(std::move(proxy)) {}
    static BarrierProxy from_object(const Object& object) { return BarrierProxy(ObjectProxy::from_object(object)); }

    /// Waits until all parties are here, as long as the barrier was told when it was made.
    /// @returns 0 … parties() - 1, another number for each
    /// @throws BrokenBarrierError  the time is up (for the others, too), a party has died, or it was reset or aborted
    ///                             meanwhile, or is broken already
    std::ptrdiff_t wait() const { return call<std::ptrdiff_t>("wait"); }
    /// The same with a timeout of its own (BrokenBarrierError).
    std::ptrdiff_t wait(Timeout timeout) const {
        return call<std::ptrdiff_t>("wait", timeout.is_forever() ? kForever : manager::detail::seconds_of(timeout));
    }

    /// Whoever waits gets BrokenBarrierError, and the barrier is whole and empty.
    void reset() const { call<void>("reset"); }
    /// Breaks it, until reset().
    void abort() const { call<void>("abort"); }

    /// How many have to arrive.
    std::ptrdiff_t parties() const { return call<std::ptrdiff_t>("__getattribute__", "parties"); }
    /// How many wait.
    std::ptrdiff_t n_waiting() const { return call<std::ptrdiff_t>("__getattribute__", "n_waiting"); }
    /// Whether it is broken.
    bool broken() const { return call<bool>("__getattribute__", "broken"); }

private:
    /// Nothing would be the barrier's own limit; threads of Python wait no longer than some 292 years.
    static constexpr std::optional<double> kForever = 4e9;
};

}  // namespace cohort
