// SPDX-License-Identifier: MIT
#include "support/mpi.hpp"

#include <string>

#include "queue/contenders.hpp"

namespace bench {

std::optional<Contender> open_mpi(std::size_t bytes) {
    if (!has_mpi()) return {};
    const std::uint64_t messages = bytes == kSmall ? 1'500'000 : messages_for(bytes);
    return Contender{"Open MPI", [=](const Crowd& crowd) {
                         return figure_of_mpi("queue_mpi", 2,
                                              std::to_string(bytes) + " " + std::to_string(messages) +
                                                  (crowd.pinned ? " pinned" : " unpinned"));
                     }};
}

}  // namespace bench
