// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

#include "support/workload.hpp"
#include "sync/crew.hpp"

namespace bench {

inline constexpr std::size_t kCopied = 1'000'000;  // items of 8 bytes
inline constexpr int kCopies = 20;

/// @param read   copies the shared items to this vector
/// @param write  copies this vector to the shared items
/// @returns how fast bytes move, of both directions
template <class Read, class Write>
double gigabytes_a_second(Read read, Write write) {
    std::vector<double> own(kCopied), back(kCopied);
    auto once = [&] {
        own.front() += 1;
        own.back() += 2;
        write(own);
        read(back);
    };
    once();  // the first touch of all memory
    const double time = seconds([&] {
        for (int i = 0; i != kCopies; ++i) once();
    });
    expect(back == own, "what was read is not what was written");
    return 2e-9 * kCopies * kCopied * sizeof(double) / time;
}

}  // namespace bench
