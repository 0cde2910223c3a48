// SPDX-License-Identifier: MIT
// Open MPI starts its processes itself: a program of two ranks beside this one.
#include "queue/contenders.hpp"

#if defined(COHORT_BENCH_MPIRUN)
#include <filesystem>

#include "support/command.hpp"
#endif

namespace bench {

#if defined(COHORT_BENCH_MPIRUN)

namespace {

double run(const Crowd& crowd, std::size_t bytes, std::uint64_t messages) {
    const auto program = std::filesystem::read_symlink("/proc/self/exe").replace_filename("queue_mpi");
    return figure_of_command(COHORT_BENCH_MPIRUN
                             " --allow-run-as-root --oversubscribe --bind-to none --mca plm isolated -n 2 '" +
                             program.string() + "' " + std::to_string(bytes) + " " + std::to_string(messages) +
                             (crowd.pinned ? " pinned" : " unpinned") + " </dev/null");
}

}  // namespace

std::optional<Contender> open_mpi(std::size_t bytes) {
    const std::uint64_t messages = bytes == kSmall ? 1'500'000 : bytes == kMedium ? 20'000 : 2'000;
    return Contender{"Open MPI", [=](const Crowd& crowd) { return run(crowd, bytes, messages); }};
}

#else

std::optional<Contender> open_mpi(std::size_t) {
    return {};
}

#endif

}  // namespace bench
