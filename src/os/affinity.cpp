// SPDX-License-Identifier: MIT
#include "os/affinity.hpp"

#include "os/system_call.hpp"

#include <cstddef>

namespace cohort::os {

namespace {

// More processors than a cpu_set_t has room for: machines with 4,096 exist.
constexpr int kMostProcessors = 1 << 16;
constexpr std::size_t kBytes = CPU_ALLOC_SIZE(kMostProcessors);

}  // namespace

ProcessorSet::ProcessorSet() : set_(CPU_ALLOC(kMostProcessors)) {
    if (!set_) throw_error(ENOMEM, "sched_getaffinity");
    CPU_ZERO_S(kBytes, set_.get());
    checked("sched_getaffinity", {}, [this] { return ::sched_getaffinity(0, kBytes, set_.get()); });
}

void ProcessorSet::keep_one(unsigned nth) noexcept {
    unsigned left = nth % static_cast<unsigned>(CPU_COUNT_S(kBytes, set_.get()));
    std::size_t processor = 0;
    while (!CPU_ISSET_S(processor, kBytes, set_.get()) || left-- != 0) ++processor;
    CPU_ZERO_S(kBytes, set_.get());
    CPU_SET_S(processor, kBytes, set_.get());
}

bool ProcessorSet::bind() const noexcept {
    return system_call("sched_setaffinity", [this] { return ::sched_setaffinity(0, kBytes, set_.get()); }) == 0;
}

void bind_to_processor(unsigned nth) {
    ProcessorSet processors;
    processors.keep_one(nth);
    if (!processors.bind()) throw_error(errno, "sched_setaffinity");
}

}  // namespace cohort::os
