// SPDX-License-Identifier: MIT
#include "queue/trips.hpp"

#include <cohort/channel/queue.hpp>

#include <chrono>
#include <cstdint>

#include "queue/letters.hpp"
#include "support/letterbox.hpp"

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;

struct CohortWay {
    void send(const Letter& letter) { queue.put(letter); }
    Letter receive() { return queue.get(); }
    cohort::Queue<Letter> queue;
};

template <bool kSpins>
using LetterboxWay = Letterbox<Letter, kSpins>;

// Longer than anybody spins.
void work_a_while() {
    const auto begin = Clock::now();
    while (Clock::now() - begin < std::chrono::microseconds(100)) continue;
}

Clock::rep now() {
    return Clock::now().time_since_epoch().count();
}

template <class Way>
void send_late(Way& way, Letter letter) {
    work_a_while();
    letter.sent = now();
    way.send(letter);
}

template <class Way>
Letter receive_late(Way& way) {
    Letter letter = way.receive();
    letter.latency += now() - letter.sent;
    return letter;
}

template <class Way>
double trip_asleep(int count) {
    Way there;
    Way back;
    Child child([&] {
        pin(1);
        for (int i = 0; i != count; ++i) send_late(back, receive_late(there));
    });
    pin(0);
    Clock::rep sum = 0;
    for (int i = 0; i != count; ++i) {
        const auto number = static_cast<std::uint64_t>(i);
        send_late(there, letter_of(number));
        const Letter letter = receive_late(back);
        check(letter, number);
        sum += letter.latency;
    }
    child.wait();
    return std::chrono::duration<double, std::micro>(Clock::duration(sum)).count() / count;
}

}  // namespace

// Each in a process of its own: a thread of cohort remembers whether spinning paid.

double cohort_trip(Place place) {
    return figure_apart([=] { return trip<CohortWay>(place, 20'000); });
}

double futex_trip(Place place) {
    return figure_apart([=] { return trip<LetterboxWay<false>>(place, place == Place::two_cores ? 3'000 : 20'000); });
}

double spinning_trip() {
    return figure_apart([] { return trip<LetterboxWay<true>>(Place::two_cores, 300'000); });
}

double cohort_trip_asleep() {
    return figure_apart([] { return trip_asleep<CohortWay>(1'000); });
}

double futex_trip_asleep() {
    return figure_apart([] { return trip_asleep<LetterboxWay<false>>(1'000); });
}

}  // namespace bench
