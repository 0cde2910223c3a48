// SPDX-License-Identifier: MIT
// What belongs to one process is named, also as a field of a field.
// expect: cohort: it belongs to one process: use cohort's Lock
// expect: mutex
#include <cohort/serial/codec.hpp>

#include <mutex>

struct Counter {
    int value;
#ifndef CURED
    std::mutex mutex;
#endif
};

struct Counters {
    Counter here;
    Counter there;
};

void send(cohort::serial::Sink& sink, const Counters& counters) {
    cohort::serial::write(sink, counters);
}
