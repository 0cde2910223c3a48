// SPDX-License-Identifier: MIT
#include "os/memfd.hpp"

#include "os/file.hpp"
#include "os/system_call.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cohort::os {

Descriptor memfd_create(const char* name, unsigned flags) {
    return above_standard_streams(Descriptor(checked("memfd_create", "'" + std::string(name) + "'",
                                                     [&] { return ::memfd_create(name, flags | MFD_CLOEXEC); })));
}

void resize(int descriptor, std::size_t bytes) {
    const std::string what = descriptor_text(descriptor) + " to " + std::to_string(bytes) + " bytes";
    rlimit limit{};
    checked("getrlimit", "RLIMIT_FSIZE", [&] { return ::getrlimit(RLIMIT_FSIZE, &limit); });
    if (limit.rlim_cur != RLIM_INFINITY && bytes > limit.rlim_cur) throw_error(EFBIG, "ftruncate", what);
    checked("ftruncate", what, [&] { return ::ftruncate(descriptor, static_cast<off_t>(bytes)); });
}

Descriptor memfd_of_fixed_size(const char* name, std::size_t bytes) {
    Descriptor memory = memfd_create(name, MFD_ALLOW_SEALING);
    resize(memory.get(), bytes);
    checked("fcntl(F_ADD_SEALS)", descriptor_text(memory.get()),
            [&] { return ::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL); });
    return memory;
}

std::size_t size(int descriptor) {
    struct stat status {};
    checked("fstat", descriptor_text(descriptor), [&] { return ::fstat(descriptor, &status); });
    return static_cast<std::size_t>(status.st_size);
}

}  // namespace cohort::os
