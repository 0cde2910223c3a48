// SPDX-License-Identifier: MIT
// A target that owns something is moved in.
// expect: cohort: a target and its arguments are stored as copies, and this type cannot be copied: move it in
#include <cohort/process/process.hpp>

#include <memory>

void use() {
    auto work = [owner = std::make_unique<int>(1)] { return *owner; };
#ifdef CURED
    cohort::Process process(std::move(work));
#else
    cohort::Process process(work);
#endif
}
