// SPDX-License-Identifier: MIT
#include <cohort/pool/detail/calls.hpp>
#include <cohort/pool/detail/local_call.hpp>
#include <cohort/pool/detail/pool_call.hpp>

#include <utility>

namespace cohort::detail {

PoolCall::~PoolCall() = default;
SentCall::~SentCall() = default;
LocalCall::~LocalCall() = default;

void FirstError::put_error(std::size_t index, std::exception_ptr error) {
    if (error_ && failed_index_ < index) return;
    failed_index_ = index;
    error_ = std::move(error);
}

void FirstError::rethrow() {
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

}  // namespace cohort::detail
