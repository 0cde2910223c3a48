// SPDX-License-Identifier: MIT
#include "os/membarrier.hpp"

#include "os/system_call.hpp"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace cohort::os {

namespace {

bool membarrier(int command) noexcept {
    return system_call("membarrier", [&] { return ::syscall(SYS_membarrier, command, 0, 0); }) == 0;
}

}  // namespace

bool register_for_membarrier() noexcept {
    return membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED);
}

bool membarrier_all_registered() noexcept {
    return membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED);
}

}  // namespace cohort::os
