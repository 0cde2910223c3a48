// SPDX-License-Identifier: MIT
#include <cohort/shm/shared_handle.hpp>

#include <cohort/base/errors.hpp>

#include "shm/tree.hpp"

namespace cohort::shm {

std::byte* SharedHandle::memory() const {
    if (!object_) throw ValueError("the handle was moved from: it has no object any more");
    this_process();  // from now on this process holds it
    return object_->data();
}

}  // namespace cohort::shm
