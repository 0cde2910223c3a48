// SPDX-License-Identifier: MIT
#pragma once

#include <cohort/os/descriptor.hpp>

#include "os/file_identity.hpp"

#include <cstddef>
#include <optional>
#include <string>

// POSIX shared memory: files with names below /dev/shm, as shm_open makes them. Made here without a name at first, so
// that nobody ever sees one that is not complete, and a process that is killed on the way leaves none.
namespace cohort::os {

/// New shared memory of this size that has its pages, all zero, and no name. Others of the same user may open it.
/// @param bytes  at least 1
/// @throws std::system_error; EFBIG if it is over RLIMIT_FSIZE, where the kernel would send SIGXFSZ; ENOSPC if there
///         is not enough room in /dev/shm
Descriptor create_nameless_memory(std::size_t bytes);

/// Gives nameless memory its name. One step: nobody sees half of it.
/// @returns false if the name is taken
/// @throws std::system_error
bool give_shared_name(int descriptor, const std::string& name);

/// Opens the memory that has this name, for reading and writing.
/// @throws std::system_error; ENOENT if there is none
Descriptor open_shared_name(const std::string& name);

/// Takes the name away. Processes that have mapped the memory keep it.
/// @throws std::system_error; ENOENT if there is no such name
void remove_shared_name(const std::string& name);

/// Which file this is.
FileIdentity identity_of(int descriptor);

/// Which file has this name; empty if none. Safe after a fork.
std::optional<FileIdentity> identity_of_shared_name(const std::string& name) noexcept;

/// Takes the name away if it is still that of this file.
void remove_shared_name_of(const std::string& name, const FileIdentity& file) noexcept;

}  // namespace cohort::os
