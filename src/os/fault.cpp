// SPDX-License-Identifier: MIT
#include "os/fault.hpp"

#include <cstring>

namespace cohort::os {

constinit std::atomic<Fault*> Fault::first_{nullptr};

Fault::Fault(const char* call, int error, int nth, int times) noexcept
    : call_(call), error_(error), nth_(nth), times_(times), rest_(first_.load(std::memory_order_relaxed)) {
    first_.store(this, std::memory_order_release);
}

Fault::~Fault() {
    first_.store(rest_, std::memory_order_release);
}

bool Fault::takes() noexcept {
    int number = calls_.fetch_add(1, std::memory_order_relaxed) + 1;
    return number >= nth_ && (times_ == kAlways || number - nth_ < times_);
}

int Fault::next(const char* call) noexcept {
    int error = 0;
    for (Fault* fault = first_.load(std::memory_order_acquire); fault; fault = fault->rest_)
        if (std::strcmp(fault->call_, call) == 0 && fault->takes() && !error) error = fault->error_;
    return error;
}

}  // namespace cohort::os
