// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

#include "pool/contenders.hpp"
#include "support/workload.hpp"

namespace bench {

inline void require(bool right) {
    if (!right) throw std::runtime_error("a result is wrong");
}

/// Nanoseconds of the clock that all processes share.
inline long now() {
    return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

/// Keeps a processor busy.
inline void burn(std::chrono::nanoseconds time) {
    for (const long end = now() + time.count(); now() < end;) {
    }
}

inline double median(std::vector<double> figures) {
    const auto middle = figures.begin() + static_cast<std::ptrdiff_t>(figures.size() / 2);
    std::nth_element(figures.begin(), middle, figures.end());
    return *middle;
}

/// The median of many trips in microseconds.
template <class Make>
double median_trip(Trip trip, Make make) {
    const int trips = trip == Trip::at_once ? kTrips : kTripsAsleep;
    std::vector<double> times;
    times.reserve(static_cast<std::size_t>(trips));
    for (int i = 0; i != trips; ++i) {
        if (trip == Trip::asleep) burn(std::chrono::milliseconds(2));  // untimed
        const long begin = now();
        make(i);
        times.push_back(static_cast<double>(now() - begin) / 1e3);
    }
    return median(std::move(times));
}

/// The work of the uneven tasks: log-normal, from 10 us to 50 ms, the same in each round.
const std::vector<std::chrono::nanoseconds>& uneven_work();
/// @param time  that all tasks took, in seconds
double against_ideal(double time);

}  // namespace bench
