// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/os/descriptor.hpp>

#include <cstddef>

namespace cohort::os {

/// Memory without a name in any file system, empty at first; it is freed with the last descriptor and mapping.
/// @param name stands in /proc/<pid>/maps
/// @param flags more MFD_ flags than the one that closes it on exec
/// @throws std::system_error
Descriptor memfd_create(const char* name, unsigned flags = 0);

/// Sets the size. What is new is zero and takes no memory before it is touched.
/// @throws std::system_error; EFBIG if it is over RLIMIT_FSIZE, where the kernel would send SIGXFSZ
void resize(int descriptor, std::size_t bytes);

/// Memory of a size that nobody who has the descriptor can change: what is mapped stays there.
/// @throws std::system_error; as resize()
Descriptor memfd_of_fixed_size(const char* name, std::size_t bytes);

/// The size of the file.
std::size_t size(int descriptor);

}  // namespace cohort::os
