// SPDX-License-Identifier: MIT
#include <cohort/pool/pool.hpp>

#include <cohort/base/errors.hpp>

#include "pool/core.hpp"

#include <ostream>

namespace cohort {

Pool::Pool() : Pool(PoolOptions{}) {}

Pool::Pool(PoolOptions options) : Pool(std::move(options), std::unique_ptr<detail::Target>()) {}

Pool::Pool(PoolOptions options, std::unique_ptr<detail::Target> initializer)
    : core_(std::make_shared<pool::Core>(std::move(options), std::move(initializer))) {}

Pool::Pool(Pool&& other) noexcept = default;
Pool& Pool::operator=(Pool&& other) noexcept {
    if (core_ && core_ != other.core_) core_->retire();
    core_ = std::move(other.core_);
    return *this;
}
// Results may still have it.
Pool::~Pool() {
    if (core_) core_->retire();
}

std::size_t Pool::checked_processes(long processes) {
    if (processes < 1) throw ValueError("Number of processes must be at least 1");
    return static_cast<std::size_t>(processes);
}

pool::Core& Pool::core() const {
    if (!core_) throw ValueError("pool object was moved from");
    return *core_;
}

std::shared_ptr<pool::Core> Pool::shared_core() const {
    core();
    return core_;
}

void Pool::run(detail::PoolCall& call, const MapOptions& options) {
    core().run(call, options);
}

void Pool::take_on(const std::shared_ptr<detail::AsyncCall>& call, const detail::JobOptions& options) {
    core().submit(call, options);
}

void Pool::close() {
    core().close();
}

void Pool::terminate() {
    core().terminate();
}

bool Pool::join(Timeout timeout) {
    return core().join(timeout);
}

std::vector<pid_t> Pool::worker_pids() {
    return core().worker_pids();
}

PoolStats Pool::stats() {
    return core().stats();
}

void Pool::resize_to(long workers) {
    core().resize(workers);
}

std::ostream& operator<<(std::ostream& out, const Pool& pool) {
    if (!pool.core_) return out << "<Pool state=MOVED>";
    return out << pool.core().repr();
}

}  // namespace cohort
