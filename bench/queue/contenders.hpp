// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "support/stream.hpp"

namespace bench {

/// The sizes of messages that have goals, in bytes.
inline constexpr std::size_t kSmall = 64;
inline constexpr std::size_t kMedium = std::size_t{64} << 10;
inline constexpr std::size_t kLarge = std::size_t{1} << 20;

/// How many messages of a size a bounded queue or ring holds.
constexpr std::uint32_t cells_for(std::size_t bytes) {
    const std::size_t fit = (std::size_t{4} << 20) / bytes;
    return bytes > kLarge ? 4 : static_cast<std::uint32_t>(std::clamp<std::size_t>(fit, 16, 4096));
}

/// How many messages of a size a round moves: 1.5 GB, within bounds.
constexpr std::uint64_t messages_for(std::size_t bytes) {
    return std::min<std::uint64_t>(1'000'000, 1'500'000'000 / bytes);
}

/// How many messages of put_many, get_many and of the mutex of the batched ring move at once.
inline constexpr std::size_t kBatch = 32;

/// A way to move messages between processes.
struct Contender {
    std::string name;
    std::function<double(const Crowd&)> run;  ///< messages a second; throws if what arrived is wrong
};

// Empty: not on this machine, or not when this was built.

Contender cohort_queue(std::size_t bytes);  ///< of small messages structs, of others vectors of bytes
Contender cohort_queue_of_bytes(std::size_t bytes);
Contender cohort_queue_without_bound();  ///< of small messages
Contender cohort_queue_many();           ///< of small messages, kBatch a call
/// One producer, one consumer. Empty: no power of four times kSmall, or over kLarge.
std::optional<Contender> bare_spsc(std::size_t bytes);
Contender bare_mpmc();            ///< of small messages
Contender robust_ring();          ///< of small messages, one a lock
Contender robust_ring_batched();  ///< the same, kBatch a lock
Contender raw_pipe();
Contender raw_packets();
Contender posix_queue();
std::optional<Contender> boost_queue(std::size_t bytes);
std::optional<Contender> zeromq(std::size_t bytes);    ///< one producer
std::optional<Contender> open_mpi(std::size_t bytes);  ///< one producer, one consumer
/// @param kind  Queue, SimpleQueue or Pipe, of `multiprocessing`; as many producers as consumers, of a Pipe one
Contender python(const std::string& kind, std::size_t bytes = kSmall);

/// The contender of a transport made of these ends, which are made of these arguments.
template <class Ends, class... Arguments>
Contender contender(const std::string& name, std::uint64_t messages, Arguments... arguments) {
    return {name, [=](const Crowd& crowd) {
                return run_stream(*std::make_unique<TransportOf<Ends>>(arguments...), crowd, messages);
            }};
}

}  // namespace bench
