// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>

#include "queue/trips.hpp"
#include "support/child.hpp"
#include "support/cores.hpp"
#include "support/workload.hpp"

namespace bench {

/// What goes there and back.
struct Letter {
    std::uint64_t number = 0;
    std::chrono::steady_clock::rep sent = 0;     ///< when: the clock is the same in all processes
    std::chrono::steady_clock::rep latency = 0;  ///< that of the way there
    std::uint64_t rest[5] = {};                  ///< the number, too
};
static_assert(sizeof(Letter) == 64);

inline Letter letter_of(std::uint64_t number) {
    return {number, 0, 0, {number, number, number, number, number}};
}

inline std::span<std::byte> bytes_of(Letter& letter) {
    return std::as_writable_bytes(std::span(&letter, 1));
}

inline void check(const Letter& letter, std::uint64_t number) {
    bool right = letter.number == number;
    for (const std::uint64_t word : letter.rest) right = right && word == number;
    if (!right) throw std::runtime_error("what came back is not what was sent");
}

/// Microseconds of one letter there and back over two ways, `void Way::send(const Letter&)` and `Letter
/// Way::receive()`, answered at once by a new process.
template <class Way>
double trip(Place place, int count) {
    Way there;
    Way back;
    Child child([&] {
        pin(place == Place::two_cores ? 1 : 0);
        for (int i = 0; i <= count; ++i) back.send(there.receive());
        there.receive();  // until the last answer has arrived: a socket that ends may lose it
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
    there.send(letter_of(0));
    child.wait();
    return time / count * 1e6;
}

}  // namespace bench
