// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "support/stream.hpp"

namespace bench {

/// The sizes of messages, in bytes.
inline constexpr std::size_t kSmall = 64;
inline constexpr std::size_t kMedium = std::size_t{64} << 10;
inline constexpr std::size_t kLarge = std::size_t{1} << 20;

/// How many messages of a size a bounded queue or ring holds.
constexpr std::uint32_t cells_for(std::size_t bytes) {
    return bytes == kSmall ? 4096 : bytes == kMedium ? 64 : 16;
}

/// How many messages of put_many, get_many and of the mutex of the batched ring move at once.
inline constexpr std::size_t kBatch = 32;

/// A way to move messages between processes.
struct Contender {
    std::string name;
    std::function<double(const Crowd&)> run;  ///< messages a second; throws if what arrived is wrong
};

// Those that take a size take the three above. Empty: not on this machine, or not when this was built.

Contender cohort_queue(std::size_t bytes);
Contender cohort_queue_without_bound();  ///< of small messages
Contender cohort_queue_many();           ///< of small messages, kBatch a call
Contender bare_spsc(std::size_t bytes);  ///< one producer, one consumer
Contender bare_mpmc();                   ///< of small messages
Contender robust_ring();                 ///< of small messages, one a lock
Contender robust_ring_batched();         ///< the same, kBatch a lock
Contender raw_pipe();
Contender raw_packets();
Contender posix_queue();
std::optional<Contender> boost_queue(std::size_t bytes);
std::optional<Contender> zeromq();               ///< of small messages, one producer
std::optional<Contender> open_mpi(std::size_t);  ///< one producer, one consumer
/// @param kind  Queue, SimpleQueue or Pipe, of `multiprocessing`; small messages, one producer
Contender python(const std::string& kind);

/// The contender of a transport made of these ends.
template <class Ends>
Contender contender(const std::string& name, std::uint64_t messages) {
    return {name,
            [=](const Crowd& crowd) { return run_stream(*std::make_unique<TransportOf<Ends>>(), crowd, messages); }};
}

}  // namespace bench
