// SPDX-License-Identifier: MIT
#include "os/affinity.hpp"

#include "os/system_call.hpp"

#include <sched.h>

#include <cstddef>
#include <memory>

namespace cohort::os {

namespace {

// More processors than a cpu_set_t has room for: machines with 4,096 exist.
constexpr int kMostProcessors = 1 << 16;

struct Free {
    void operator()(cpu_set_t* set) const noexcept { CPU_FREE(set); }
};

}  // namespace

void bind_to_processor(unsigned nth) {
    const std::size_t bytes = CPU_ALLOC_SIZE(kMostProcessors);
    const std::unique_ptr<cpu_set_t, Free> set(CPU_ALLOC(kMostProcessors));
    if (!set) throw_error(ENOMEM, "sched_getaffinity");
    CPU_ZERO_S(bytes, set.get());
    checked("sched_getaffinity", {}, [&] { return ::sched_getaffinity(0, bytes, set.get()); });
    unsigned left = nth % static_cast<unsigned>(CPU_COUNT_S(bytes, set.get()));
    std::size_t processor = 0;
    while (!CPU_ISSET_S(processor, bytes, set.get()) || left-- != 0) ++processor;
    CPU_ZERO_S(bytes, set.get());
    CPU_SET_S(processor, bytes, set.get());
    checked("sched_setaffinity", {}, [&] { return ::sched_setaffinity(0, bytes, set.get()); });
}

}  // namespace cohort::os
