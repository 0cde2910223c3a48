// SPDX-License-Identifier: MIT
#include "os/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace cohort::os {

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    for (std::size_t done = 0; done < count;) {
        const ssize_t got = ::getrandom(bytes.data() + done, count - done, 0);
        if (got < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "getrandom");
        if (got > 0) done += static_cast<std::size_t>(got);
    }
    return bytes;
}

}  // namespace cohort::os
