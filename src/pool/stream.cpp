// SPDX-License-Identifier: MIT
#include <cohort/pool/detail/stream.hpp>

#include <cohort/base/errors.hpp>

#include "pool/core.hpp"
#include "pool/job.hpp"

namespace cohort::detail {

Stream::Stream(std::shared_ptr<pool::Core> core, PoolCall& call, const JobOptions& options, std::size_t ahead)
    : core_(std::move(core)), job_(core_->open(call, options, ahead)), ahead_(core_->ahead_of(*job_)) {}

Stream::~Stream() {
    core_->abandon(*job_);
}

bool Stream::exchange(FunctionRef<std::size_t()> add, FunctionRef<bool()> done, Timeout timeout) {
    const bool in_time = core_->exchange(*job_, add, done, timeout);
    ahead_ = core_->ahead_of(*job_);
    return in_time;
}

void fail_next() {
    throw TimeoutError("the next result is not there yet");
}

void fail_moved_results() {
    throw ValueError("the results were moved from");
}

}  // namespace cohort::detail
