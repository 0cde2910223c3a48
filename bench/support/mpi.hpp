// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace bench {

/// Whether mpirun was there when this was built.
bool has_mpi();

/// The number that a program of Open MPI prints, which lies beside this one: Open MPI starts its processes itself.
/// @param ranks  how many processes
/// REQUIRES: has_mpi().
/// @throws std::runtime_error  it printed none, or failed
double figure_of_mpi(const std::string& program, int ranks, const std::string& arguments);

}  // namespace bench
