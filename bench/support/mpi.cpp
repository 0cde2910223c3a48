// SPDX-License-Identifier: MIT
#include "support/mpi.hpp"

#include <filesystem>

#include "support/command.hpp"

namespace bench {

bool has_mpi() {
    return *COHORT_BENCH_MPIRUN != '\0';
}

double figure_of_mpi(const std::string& program, int ranks, const std::string& arguments) {
    const auto path = std::filesystem::read_symlink("/proc/self/exe").replace_filename(program);
    return figure_of_command(COHORT_BENCH_MPIRUN
                             " --allow-run-as-root --oversubscribe --bind-to none --mca plm isolated -n " +
                             std::to_string(ranks) + " '" + path.string() + "' " + arguments + " </dev/null");
}

}  // namespace bench
