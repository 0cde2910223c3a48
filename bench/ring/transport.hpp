// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/transport.hpp"

namespace bench {

/// What is sent: with the word that a ring's cell needs it fills one cache line.
using Message = MessageOf<56>;

inline constexpr std::uint32_t kCells = 4096;

struct Contender {
    std::string name;
    bool polls;  ///< never gives its core up: only where each process has a core of its own
    std::size_t most_producers;
    std::size_t most_consumers;
    std::unique_ptr<Transport> (*make)();
};

std::vector<Contender> cohort_contenders();
std::vector<Contender> bare_contenders();
std::vector<Contender> boost_contenders();

template <class Ends>
std::unique_ptr<Transport> make_transport() {
    return std::make_unique<TransportOf<Ends>>();
}

}  // namespace bench
