// SPDX-License-Identifier: MIT
#include <cohort/pool/detail/stream.hpp>

#include <cohort/base/errors.hpp>

#include "pool/any_job.hpp"
#include "pool/engine.hpp"

namespace cohort::detail {

Stream::Stream(std::shared_ptr<pool::Engine> engine, const std::shared_ptr<PoolCall>& call, const JobOptions& options,
               std::size_t ahead)
    : engine_(std::move(engine)), job_(engine_->open(call, options, ahead)), ahead_(engine_->ahead_of(*job_)) {}

Stream::~Stream() {
    engine_->abandon(*job_);
}

bool Stream::exchange(FunctionRef<std::size_t()> add, FunctionRef<bool()> done, Timeout timeout) {
    const bool in_time = engine_->exchange(*job_, add, done, timeout);
    ahead_ = engine_->ahead_of(*job_);
    return in_time;
}

void fail_next() {
    throw TimeoutError("the next result is not there yet");
}

void fail_moved_results() {
    throw ValueError("the results were moved from");
}

}  // namespace cohort::detail
