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

void SentCall::write_items(std::size_t first, std::size_t count, serial::Sink& out, serial::Target target) {
    for (std::size_t i = 0; i != count; ++i) write_item(first + i, out, target);
}

void SentCall::read_results(std::size_t first, std::size_t count, serial::Source& in) {
    for (std::size_t i = 0; i != count; ++i) read_result(first + i, in);
}

void FirstError::rethrow() {
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

}  // namespace cohort::detail
