// SPDX-License-Identifier: MIT
#include "queue/trips.hpp"

#include <cohort/channel/queue.hpp>

#include <chrono>
#include <cstdint>
#include <stdexcept>

#include "support/child.hpp"
#include "support/cores.hpp"
#include "support/letterbox.hpp"
#include "support/workload.hpp"

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;

struct Letter {
    std::uint64_t number;
    Clock::rep sent;        // when: the clock is the same in all processes
    Clock::rep latency;     // that of the way there
    std::uint64_t rest[5];  // the number, too
};
static_assert(sizeof(Letter) == 64);

Letter letter_of(std::uint64_t number) {
    return {number, 0, 0, {number, number, number, number, number}};
}

void check(const Letter& letter, std::uint64_t number) {
    bool right = letter.number == number;
    for (const std::uint64_t word : letter.rest) right = right && word == number;
    if (!right) throw std::runtime_error("what came back is not what was sent");
}

struct CohortWay {
    void send(const Letter& letter) { queue.put(letter); }
    Letter receive() { return queue.get(); }
    cohort::Queue<Letter> queue;
};

template <bool kSpins>
using LetterboxWay = Letterbox<Letter, kSpins>;

int core_of_child(Place place) {
    return place == Place::two_cores ? 1 : 0;
}

template <class Way>
double trip(Place place, int count) {
    Way there;
    Way back;
    Child child([&] {
        pin(core_of_child(place));
        for (int i = 0; i <= count; ++i) back.send(there.receive());
    });
    pin(0);
    std::uint64_t number = 0;
    const auto once = [&] {
        there.send(letter_of(++number));
        check(back.receive(), number);
    };
    once();
    const double time = seconds([&] {
        for (int i = 0; i != count; ++i) once();
    });
    child.wait();
    return time / count * 1e6;
}

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
