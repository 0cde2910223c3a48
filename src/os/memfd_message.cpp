// SPDX-License-Identifier: MIT
#include "os/memfd_message.hpp"

#include "os/file.hpp"
#include "os/memfd.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace cohort::os {

Descriptor memfd_with(const char* name, std::span<const std::byte> bytes) {
    Descriptor memory = memfd_create(name, MFD_ALLOW_SEALING);
    write_all(memory.get(), bytes);
    return memory;
}

std::optional<std::vector<std::byte>> memfd_content(int descriptor) {
    if (::fcntl(descriptor, F_GET_SEALS) < 0) return std::nullopt;
    std::vector<std::byte> bytes(size(descriptor));
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t got = ::pread(descriptor, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw std::system_error(errno, std::generic_category(), "pread of a memfd");
        if (got == 0) bytes.resize(done);
        done += static_cast<std::size_t>(got);
    }
    return bytes;
}

}  // namespace cohort::os
