// SPDX-License-Identifier: MIT
#include <cohort/pool/thread_pool.hpp>

#include "pool/thread_core.hpp"

#include <ostream>

namespace cohort {

ThreadPool::ThreadPool() : ThreadPool(PoolOptions{}) {}

ThreadPool::ThreadPool(PoolOptions options) : ThreadPool(std::move(options), WithInitializer{}) {}

ThreadPool::ThreadPool(PoolOptions options, WithInitializer initializer)
    : PoolInterface(pool::ThreadCore::make(std::move(options), std::move(initializer.call))) {}

ThreadPool::ThreadPool(ThreadPool&& other) noexcept = default;
ThreadPool& ThreadPool::operator=(ThreadPool&& other) noexcept = default;
ThreadPool::~ThreadPool() = default;

std::ostream& operator<<(std::ostream& out, const ThreadPool& pool) {
    return pool.print(out, "ThreadPool");
}

}  // namespace cohort
