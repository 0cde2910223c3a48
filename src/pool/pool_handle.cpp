// SPDX-License-Identifier: MIT
#include <cohort/pool/detail/pool_handle.hpp>

#include <cohort/base/errors.hpp>

#include "pool/engine.hpp"

#include <ostream>
#include <utility>

namespace cohort::detail {

PoolHandle::PoolHandle(std::shared_ptr<pool::Engine> engine) noexcept : engine_(std::move(engine)) {}

PoolHandle::PoolHandle(PoolHandle&& other) noexcept = default;
PoolHandle& PoolHandle::operator=(PoolHandle&& other) noexcept {
    if (engine_ && engine_ != other.engine_) engine_->retire();
    engine_ = std::move(other.engine_);
    return *this;
}
// Results may still have it.
PoolHandle::~PoolHandle() {
    if (engine_) engine_->retire();
}

std::size_t PoolHandle::checked_workers(long workers) {
    if (workers < 1) throw ValueError("Number of processes must be at least 1");
    return static_cast<std::size_t>(workers);
}

pool::Engine& PoolHandle::engine() const {
    if (!engine_) throw ValueError("pool object was moved from");
    return *engine_;
}

std::shared_ptr<pool::Engine> PoolHandle::shared_engine() const {
    engine();
    return engine_;
}

void PoolHandle::run(PoolCall& call, const MapOptions& options, std::shared_ptr<const void> keeper) const {
    engine().run(call, options, std::move(keeper));
}

void PoolHandle::take_on(const std::shared_ptr<AsyncCall>& call, const JobOptions& options) const {
    engine().submit(call, options);
}

void PoolHandle::close() {
    engine().close();
}

void PoolHandle::terminate() {
    engine().terminate();
}

bool PoolHandle::join(Timeout timeout) {
    return engine().join(timeout);
}

std::vector<pid_t> PoolHandle::worker_pids() {
    return engine().worker_pids();
}

PoolStats PoolHandle::stats() {
    return engine().stats();
}

void PoolHandle::resize_to(long workers) {
    engine().resize(workers);
}

std::ostream& PoolHandle::print(std::ostream& out, std::string_view kind) const {
    if (!engine_) return out << '<' << kind << " state=MOVED>";
    return out << engine_->repr(kind);
}

void refuse_timed_in_place() {
    throw ValueError(
        "a call with a timeout needs copies of its items, which these cannot be: give it the items themselves as "
        "rvalues to map_async(), or pointers to them");
}

}  // namespace cohort::detail
